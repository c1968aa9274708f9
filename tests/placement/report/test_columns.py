from rich.text import Text

from placement.report.columns import columns, plain_columns


def test_every_column_is_as_wide_as_its_longest_cell():
    lines = [line.plain for line in columns(["A", "LONG"], [["wider", "x"], ["y", "z"]])]

    assert lines == ["A       LONG", "wider   x", "y       z"]


def test_numbers_are_aligned_to_the_right():
    lines = [line.plain for line in columns(["N", "T"], [["5", "x"], ["500", "y"]], right=frozenset({0}))]

    assert lines == ["  N   T", "  5   x", "500   y"]


def test_headers_can_be_left_out():
    assert [line.plain for line in columns(["A"], [["x"]], show_headers=False)] == ["x"]


def test_both_ways_of_aligning_give_the_same_text():
    rows = [["wider", "x", ""], ["y", "zz", "last"]]

    assert list(plain_columns(["A", "B", "C"], rows)) == [line.plain for line in columns(["A", "B", "C"], rows)]


def test_control_characters_of_a_name_do_not_reach_the_terminal():
    lines = [line.plain for line in columns(["A"], [["\x1b[2Jnode\n"]])] + list(
        plain_columns(["A"], [["\x1b[2Jnode\n"]])
    )

    assert lines == ["A", r"\x1b[2Jnode\n"] * 2


def test_a_styled_cell_keeps_its_style():
    (line,) = columns(["A"], [[Text("bad", style="red")]], show_headers=False)

    assert [span.style for span in line.spans] == ["red"]
