"""Compiled loops over names find and write what the JSON library would."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from placement.extender.names import kernels
from placement.extender.names.directory import Directory, warm_up
from placement.store.columns import NodeTable
from placement.store.state import State

STRANGE = ["é", 'quo"te', "back\\slash", "tab\t", "a,b", "]", "", "\u2028", "😀"]
NAMES = st.lists(st.sampled_from([*(f"n{number}" for number in range(20)), *STRANGE]), max_size=30)


def table(names: list[str]) -> NodeTable:
    """A table of nodes with these names, and with gaps where others have been."""
    state = State()
    from placement.model.node import Node

    for name in ["gone", *dict.fromkeys(names), "lost"]:
        state.apply("Node", ("", name), Node(name))
    for name in ("gone", "lost"):
        state.delete("Node", ("", name))
    return state.snapshot.table


@settings(deadline=None)
@given(known=NAMES, asked=NAMES, indent=st.sampled_from([None, 1]), plain=st.booleans())
def test_finds_the_rows_that_a_list_means(known: list[str], asked: list[str], indent: int | None, plain: bool) -> None:
    nodes = table(known)
    directory = Directory(nodes)
    written = json.dumps(asked, indent=indent, ensure_ascii=plain).encode()
    for _ in range(2):  # the second time guesses come true
        found = directory.find(written)
        each = directory.find_each(asked)
        if found is None:
            assert any(name in STRANGE for name in asked)
            continue
        assert found[0].tolist() == each[0].tolist() == sorted({nodes.row_of[name] for name in asked if name in known})
        assert found[1] == each[1]
        assert [json.loads(name) for name in found[1]] == [name for name in asked if name not in known]


@pytest.mark.parametrize(
    "text", ["", "[", '["a"', '["a",', '["a" "b"]', "[1]", '["a",null]', '"a"', "{}", '["a', '["a]']
)
def test_leaves_what_is_no_list_of_names_to_the_careful_reader(text: str) -> None:
    directory = Directory(table(["a", "b"]))
    assert directory.find(text.encode() or b" ") is None


def test_leaves_many_unknown_names_to_the_careful_reader() -> None:
    directory = Directory(table(["a"]))
    names = [f"x{number}" for number in range(300)]
    assert directory.find(json.dumps(names).encode()) is None
    assert len(directory.find_each([*names, "a"])[1]) == 300


@settings(deadline=None)
@given(known=NAMES, data=st.data())
def test_writes_names_reasons_and_scores_as_the_json_library_does(known: list[str], data: st.DataObject) -> None:
    nodes = table(known)
    directory = Directory(nodes)
    rows = np.array(sorted(nodes.row_of.values()), dtype=np.int64)
    name_of = {row: name for name, row in nodes.row_of.items()}
    draw = st.lists(st.integers(0, 3), min_size=len(rows), max_size=len(rows))
    codes = np.array(data.draw(draw), dtype=np.int32)
    names = [name_of[row] for row in rows.tolist()]
    reasons = ["", "full", 'say "no"', "é"]
    wanted = np.array([False, True, False, True])

    kept = json.loads(b"[" + directory.kept(rows, codes) + b"]")
    refused = json.loads(
        b"{" + directory.refused(rows, codes, [json.dumps(r).encode() for r in reasons], wanted) + b"}"
    )
    scored = json.loads(b"[" + directory.scored(rows, codes.astype(np.int64)) + b"]")

    assert kept == [name for name, code in zip(names, codes, strict=True) if code == 0]
    assert refused == {name: reasons[code] for name, code in zip(names, codes.tolist(), strict=True) if wanted[code]}
    assert scored == [{"Host": name, "Score": code} for name, code in zip(names, codes.tolist(), strict=True)]


def test_all_kernels_are_loaded_beforehand() -> None:
    warm_up()
    entries = [
        one
        for one in vars(kernels).values()
        if getattr(one, "signatures", None) and not one.targetoptions.get("forceinline")
    ]
    before = [list(one.signatures) for one in entries]
    directory, rows = Directory(table(["a", "b"])), np.array([0], np.int64)
    directory.find(b'["a","x"]')
    directory.kept(rows, rows.astype(np.int32))
    directory.refused(rows, np.ones(1, np.int32), [b"", b'"no"'], np.array([False, True]))
    directory.scored(rows, rows)
    assert [list(one.signatures) for one in entries] == before
    assert len(entries) == 6


def test_an_empty_table_has_empty_answers() -> None:
    directory, none = Directory(table([])), np.zeros(0, np.int64)
    assert directory.kept(none, none.astype(np.int32)) == b""
    assert directory.scored(none, none) == b""
    found = directory.find(b'["a"]')
    assert found is not None
    assert (found[0].tolist(), found[1]) == ([], [b'"a"'])
