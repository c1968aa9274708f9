"""Columns as kubectl prints them: upper-case headers, three spaces apart, no frames."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.text import Text

from placement.report.printable import printable

GUTTER = "   "


def columns(
    headers: Sequence[str],
    rows: Sequence[Sequence[str | Text]],
    *,
    show_headers: bool = True,
    right: frozenset[int] = frozenset(),
) -> Iterator[Text]:
    """The rows as aligned lines, the headers above.

    Parameters
    ----------
    right : frozenset of int
        Columns that are aligned to the right, as numbers are.
    """
    cells = [[cell if isinstance(cell, Text) else Text(printable(cell)) for cell in row] for row in rows]
    if show_headers:
        cells.insert(0, [Text(header, style="bold") for header in headers])
    widths = [max((len(row[column]) for row in cells), default=0) for column in range(len(headers))]
    for row in cells:
        line = Text()
        for column, (cell, width) in enumerate(zip(row, widths, strict=True)):
            blank = " " * (width - len(cell))
            line.append_text(Text(blank) + cell if column in right else cell + Text(blank))
            line.append(GUTTER)
        line.rstrip()
        yield line


def plain_columns(headers: Sequence[str], rows: Sequence[Sequence[str]], *, show_headers: bool = True) -> Iterator[str]:
    """The same without style, fast enough for hundreds of thousands of rows."""
    cells = [[printable(cell) for cell in row] for row in rows]
    if show_headers:
        cells.insert(0, list(headers))
    widths = [max((len(row[column]) for row in cells), default=0) for column in range(len(headers))]
    for row in cells:
        yield GUTTER.join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
