"""The section on the extender in the page of benchmarks, made from its own lines of results."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks.errors import RecordError

Line = Mapping[str, Any]

HEAD = """## The extender

One process serves a generated cluster over loopback; names of all its nodes are offered, or whole nodes.
`python -m benchmarks.extender` measures the verbs, `python -m benchmarks.extender.packing` what a simulated
kube-scheduler makes of them, `python -m benchmarks.extender.fuzz` what mutated bodies do. Milliseconds are a caller's,
call after call; of runs of one kind the last is shown.
"""


def section(folder: Path) -> str:
    """Tables of the lines of all files in a folder; "" if there are none.

    Raises
    ------
    RecordError
        If there is no such folder, or a line is no JSON object that says what it is of.
    """
    if not folder.is_dir():
        raise RecordError(f"{folder}: no such folder")
    lines = [line for path in sorted(folder.glob("*.jsonl")) for line in _read(path)]
    tables = [_verbs(_of(lines, "extender")), _packing(_of(lines, "extender-packing"))]
    tables.append(_fuzzing(_of(lines, "extender-fuzz")))
    return "\n".join([HEAD, *(table for table in tables if table)]) if any(tables) else ""


def _read(path: Path) -> list[Line]:
    found: list[Line] = []
    for number, text in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        try:
            line = json.loads(text)
            found.append({**line, "suite": line["suite"]})
        except (ValueError, TypeError, KeyError) as error:
            raise RecordError(f"{path}, line {number}: no line of the extender's benchmarks: {error}") from None
    return found


def _of(lines: Sequence[Line], suite: str) -> list[Line]:
    return [line for line in lines if line["suite"] == suite]


def _verbs(lines: Sequence[Line]) -> str:
    last: dict[tuple[object, ...], Line] = {}
    for line in lines:
        kind = "whole nodes" if line["whole"] else f"names, {line['order']}"
        busy = f"{line['events']:g} events/s" + (", planning" if line["look_ahead"] else "") if line["events"] else "–"
        # Whatever pods wait beside those that run, the cluster is of one size.
        key = line["nodes"], 1000 * round(line["pods"] / 5000), kind, busy, line["verb"]
        last.pop(key, None)
        last[key] = line
    rows = [
        f"| {nodes:,} | {line['pods']:,} | {kind} | {busy} | {verb} | {line['p50']:.2f} | {line['p99']:.2f} |"
        f" {line['p999']:.2f} | {line['calls_a_second']:,.0f} | {line['seconds_to_ready']:.1f} |"
        f" {line['peak'] / 2**20:,.0f} |"
        for (nodes, _, kind, busy, verb), line in last.items()
    ]
    head = (
        "| nodes | pods | offered | meanwhile | verb | p50 ms | p99 ms | p99.9 ms | a second | ready in s | MiB |\n"
        "| ---: | ---: | --- | --- | --- | ---: | ---: | ---: | ---: | ---: | ---: |"
    )
    return "\n".join([head, *rows, ""]) if rows else ""


def _packing(lines: Sequence[Line]) -> str:
    rows = [
        f"| {line['pods']:,} {'plain' if line['plain'] else 'mixed'} pods, {line['nodes']:,} nodes"
        + (f", bursts of {line['burst']:,}" if line["burst"] else "")
        + f" | {line['look_ahead']:g} s | {line['nodes_used']:,} | {line['lower_bound']:,} |"
        f" {100 * line['above_bound']:.2f} % | {line['plan_alone']:,} | {line['most_allocated']:,} |"
        f" {line['without_extender']:,} |"
        for line in lines
    ]
    head = (
        "Nodes that a simulated kube-scheduler uses, its pods in random order and the policy `pack`:\n\n"
        "| | planned ahead | with the extender | proven bound | above it | the plan | MostAllocated | default |\n"
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |"
    )
    return "\n".join([head, *rows, ""]) if rows else ""


def _fuzzing(lines: Sequence[Line]) -> str:
    rows = []
    for line in lines:
        statuses = ", ".join(f"{status}: {count:,}" for status, count in sorted(line["statuses"].items()))
        rows.append(
            f"| {line['verb']} | {line['bodies']:,} | {statuses} | {line['checks']:,} | {line['slowest']:,.0f} |"
        )
    head = (
        "Mutated bodies: what was answered, how often the state was compared with a fresh one, the slowest answer,\n"
        "on a machine that did other things as well:\n\n"
        "| verb | bodies | statuses | states compared | slowest, ms |\n| --- | ---: | --- | ---: | ---: |"
    )
    return "\n".join([head, *rows, ""]) if rows else ""
