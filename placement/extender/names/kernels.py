"""Compiled loops over JSON text: which rows a list of names means, and the text of answers about rows.

Text is an array of bytes. A quoted name of row r is ``text[starts[r]:ends[r]]`` of the directory, quotes included; rows
without a node have an empty one.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from placement_solvers.compiled import entry, inner

Bytes = NDArray[np.uint8]
Int32 = NDArray[np.int32]
Int64 = NDArray[np.int64]

ODD = -1
"""What `find` says of text that has to be read with more care than it takes."""

_QUOTE, _COMMA, _COLON, _ESCAPE, _OPEN, _CLOSE = 34, 44, 58, 92, 91, 93
_SPACE, _TAB, _LINE, _RETURN = 32, 9, 10, 13
_CONTROL, _BEYOND_ASCII = 32, 128
_SEED, _FACTOR = np.uint32(2166136261), np.uint32(16777619)


@inner
def _hash(text: Bytes, start: int, end: int) -> Any:
    # FNV-1a, 32 bits.
    found = _SEED
    for at in range(start, end):
        found = np.uint32((found ^ np.uint32(text[at])) * _FACTOR)
    return found


@inner
def _equal(one: Bytes, start: int, other: Bytes, begin: int, length: int) -> Any:
    at = 0
    while at < length and one[start + at] == other[begin + at]:
        at += 1
    return at == length


@inner
def _copy(source: Bytes, start: int, end: int, target: Bytes, at: int) -> Any:
    for place in range(start, end):
        target[at + place - start] = source[place]
    return at + end - start


@inner
def _skip(text: Bytes, at: int) -> Any:
    while at < len(text) and (text[at] == _SPACE or text[at] == _LINE or text[at] == _TAB or text[at] == _RETURN):
        at += 1
    return at


@entry
def measure(text: Bytes, rows: Int64, starts: Int64, ends: Int64) -> None:
    """Note where the names of a JSON list without spaces stand, one for each of `rows`. O(text)."""
    at = 1
    for row in rows:
        starts[row] = at
        at += 1
        while text[at] != _QUOTE:
            at += 2 if text[at] == _ESCAPE else 1
        at += 1
        ends[row] = at
        at += 1


@entry
def file(text: Bytes, starts: Int64, ends: Int64, slots: Int32) -> None:
    """Put all rows into an open addressing table; its size is a power of two, free slots are -1. O(text)."""
    mask = len(slots) - 1
    for row in range(len(starts)):
        if starts[row] == ends[row]:
            continue
        slot = np.int64(_hash(text, starts[row], ends[row])) & mask
        while slots[slot] >= 0:
            slot = (slot + 1) & mask
        slots[slot] = row


@entry
def find(
    asked: Bytes,
    text: Bytes,
    starts: Int64,
    ends: Int64,
    slots: Int32,
    follower: Int32,
    offered: NDArray[np.bool_],
    unknown: Int64,
) -> Any:
    """Mark the rows of a JSON list of names; how many are of no row, or `ODD`. O(text asked).

    Parameters
    ----------
    follower : (rows,) int32
        Which row came after each row the last time: the first guess for the next, right more often than not because
        schedulers go round the nodes in one order. Updated.
    offered : (rows,) bool
        All false before.
    unknown : (at most so many, 2) int64
        Where names of no row start and end, quotes included.
    """
    size, mask, num_unknown = len(asked), len(slots) - 1, 0
    at = _skip(asked, 0)
    if at == size or asked[at] != _OPEN:
        return ODD
    at = _skip(asked, at + 1)
    if at < size and asked[at] == _CLOSE:
        return 0
    before = np.int64(-1)
    while True:
        if at >= size or asked[at] != _QUOTE:
            return ODD
        row = np.int64(-1)
        if before >= 0:
            guess = np.int64(follower[before])
            length = ends[guess] - starts[guess]
            if length > 0 and at + length <= size and _equal(asked, at, text, starts[guess], length):
                row = guess
                at += length
        if row < 0:
            end = at + 1
            while end < size and asked[end] != _QUOTE:
                if asked[end] == _ESCAPE or asked[end] < _CONTROL or asked[end] >= _BEYOND_ASCII:
                    return ODD
                end += 1
            if end == size:
                return ODD
            end += 1
            slot = np.int64(_hash(asked, at, end)) & mask
            while slots[slot] >= 0:
                here = np.int64(slots[slot])
                if ends[here] - starts[here] == end - at and _equal(asked, at, text, starts[here], end - at):
                    row = here
                    break
                slot = (slot + 1) & mask
            if row < 0:
                if num_unknown == len(unknown):
                    return ODD
                unknown[num_unknown, 0] = at
                unknown[num_unknown, 1] = end
                num_unknown += 1
            elif before >= 0:
                follower[before] = row
            at = end
        if row >= 0:
            offered[row] = True
            before = row
        at = _skip(asked, at)
        if at < size and asked[at] == _CLOSE:
            return num_unknown
        if at == size or asked[at] != _COMMA:
            return ODD
        at = _skip(asked, at + 1)


@entry
def write_kept(rows: Int64, codes: Int32, text: Bytes, starts: Int64, ends: Int64, out: Bytes) -> Any:
    """Write the names of rows whose code is 0, commas between; how many bytes that takes. O(bytes)."""
    at = 0
    for place in range(len(rows)):
        if codes[place] == 0:
            row = rows[place]
            if at:
                out[at] = _COMMA
                at += 1
            at = _copy(text, starts[row], ends[row], out, at)
    return at


@entry
def write_refused(
    rows: Int64,
    codes: Int32,
    wanted: NDArray[np.bool_],
    text: Bytes,
    starts: Int64,
    ends: Int64,
    reasons: Bytes,
    reason_ends: Int64,
    out: Bytes,
) -> Any:
    """Write ``name:reason`` of rows whose code is wanted, commas between; how many bytes that takes. O(bytes).

    Parameters
    ----------
    wanted : (codes,) bool
    reasons : bytes
        The JSON text of each code's reason, one after the other.
    reason_ends : (codes,) int64
    """
    at = 0
    for place in range(len(rows)):
        code = codes[place]
        if wanted[code]:
            row = rows[place]
            if at:
                out[at] = _COMMA
                at += 1
            at = _copy(text, starts[row], ends[row], out, at)
            out[at] = _COLON
            at = _copy(reasons, reason_ends[code - 1], reason_ends[code], out, at + 1)
    return at


@entry
def write_scored(
    rows: Int64,
    scores: Int64,
    text: Bytes,
    starts: Int64,
    ends: Int64,
    pieces: Bytes,
    piece_ends: Int64,
    out: Bytes,
) -> Any:
    """Write an object of host and score for each row, commas between; how many bytes that takes. O(bytes).

    Parameters
    ----------
    pieces : bytes
        What stands before a name, then for each score what stands after it, one after the other.
    piece_ends : (1 + scores,) int64
    """
    at = 0
    for place in range(len(rows)):
        row, score = rows[place], scores[place]
        if at:
            out[at] = _COMMA
            at += 1
        at = _copy(pieces, 0, piece_ends[0], out, at)
        at = _copy(text, starts[row], ends[row], out, at)
        at = _copy(pieces, piece_ends[score], piece_ends[score + 1], out, at)
    return at
