"""The names of a node table's rows, as the text of calls and answers needs them."""

from __future__ import annotations

import msgspec
import numpy as np
from numpy.typing import NDArray

from placement.extender.names import kernels
from placement.store.columns import Int32, Int64, NodeTable

# More names than this that we do not know are read one by one.
_UNKNOWN = 256
_MOST = 10


class Directory:
    """Finds rows by name and writes rows' names, for one generation of a node table. Made in O(nodes).

    Parameters
    ----------
    table : NodeTable
    """

    def __init__(self, table: NodeTable) -> None:
        names, rows = list(table.row_of), table.num_rows
        self._row_of = table.row_of
        self._text = np.frombuffer(msgspec.json.encode(names), np.uint8)
        self._starts, self._ends = np.zeros(rows, np.int64), np.zeros(rows, np.int64)
        in_order = np.fromiter(table.row_of.values(), np.int64, len(names))
        kernels.measure(self._text, in_order, self._starts, self._ends)
        # Less than half full, so that what is sought is near where it should be.
        self._slots = np.full(1 << (2 * len(names) + 1).bit_length(), -1, np.int32)
        kernels.file(self._text, self._starts, self._ends, self._slots)
        self._follower = np.zeros(rows, np.int32)
        self._unknown = np.zeros((_UNKNOWN, 2), np.int64)
        self._out = np.zeros(0, np.uint8)

    def find(self, written: msgspec.Raw | bytes) -> tuple[Int64, list[bytes]] | None:
        """The rows that a JSON list of names means, ascending, and the names of no row as JSON text.

        None if the text needs more care: escapes, letters beyond ASCII, many unknown names, or no list of names at all.
        """
        asked = np.frombuffer(written, np.uint8)
        asked.flags.writeable = False
        offered = np.zeros(len(self._starts), np.bool_)
        found = kernels.find(
            asked, self._text, self._starts, self._ends, self._slots, self._follower, offered, self._unknown
        )
        if found == kernels.ODD:
            return None
        places = self._unknown[:found].tolist() if found else []
        return np.flatnonzero(offered), [asked[start:end].tobytes() for start, end in places]

    def find_each(self, names: list[str]) -> tuple[Int64, list[bytes]]:
        """The same for names that were read one by one."""
        rows = {self._row_of.get(name, -1) for name in names} - {-1}
        unknown = [msgspec.json.encode(name) for name in names if name not in self._row_of]
        return np.array(sorted(rows), dtype=np.int64), unknown

    def kept(self, rows: Int64, codes: Int32) -> bytes:
        """The names of rows whose code is 0, as JSON text with commas between."""
        out = self._room(len(self._text) + len(rows))
        size = kernels.write_kept(rows, codes, self._text, self._starts, self._ends, out)
        return out[:size].tobytes()

    def refused(self, rows: Int64, codes: Int32, reasons: list[bytes], wanted: NDArray[np.bool_]) -> bytes:
        """Names with reasons, as the members of a JSON object.

        Parameters
        ----------
        rows : (n,) int64
        codes : (n,) int32
        reasons : list of bytes
            The JSON text of the reason for each code; that of 0 is never used.
        wanted : (codes,) bool
            Which codes are written.
        """
        lengths = np.array([len(reason) for reason in reasons], dtype=np.int64)
        out = self._room(len(self._text) + len(rows) * (2 + int(lengths.max(initial=0))))
        text = np.frombuffer(b"".join(reasons) or b" ", np.uint8)
        size = kernels.write_refused(
            rows, codes, wanted, self._text, self._starts, self._ends, text, lengths.cumsum(), out
        )
        return out[:size].tobytes()

    def scored(self, rows: Int64, scores: Int64) -> bytes:
        """Objects of host and score, 0 to 10, as JSON text with commas between."""
        out = self._room(len(self._text) + len(rows) * (1 + len(_PIECES)))
        size = kernels.write_scored(rows, scores, self._text, self._starts, self._ends, _PIECES, _PIECE_ENDS, out)
        return out[:size].tobytes()

    def _room(self, size: int) -> NDArray[np.uint8]:
        if len(self._out) < size:
            self._out = np.empty(2 * size, np.uint8)
        return self._out


_WRITTEN = [b'{"Host":', *(b',"Score":%d}' % score for score in range(_MOST + 1))]
_PIECES = np.frombuffer(b"".join(_WRITTEN), np.uint8)
_PIECE_ENDS = np.cumsum([len(piece) for piece in _WRITTEN])


def warm_up() -> None:
    """Load the kernels, or compile them where that has not been done, before anybody waits for an answer."""
    directory, one = Directory(NodeTable()), np.zeros(0, np.int64)
    directory.find(b"[]")
    directory.kept(one, one.astype(np.int32))
    directory.refused(one, one.astype(np.int32), [b""], np.zeros(1, np.bool_))
    directory.scored(one, one)
