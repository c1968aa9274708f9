"""Bodies that are nearly right."""

from __future__ import annotations

import contextlib
import copy
import json
import random
from typing import Any

import msgspec

_PIECES = [b"null", b"{}", b"[]", b'""', b"-1", b"1e999", b"true", b'"\\ud800"', b"\xff", b'"9e99Ei"', b"{", b"]", b":"]
_DEEP = [b"[" * 3000 + b"]" * 3000, b'{"a":' * 3000 + b"1" + b"}" * 3000, b"[" * 3000]
_VALUES: list[Any] = [
    None,
    True,
    0,
    -1,
    2**63,
    2**200,
    -0.5,
    1e300,
    "",
    "0",
    "-1",
    "9999999999999999999Ei",
    "1e999999999",
    "1n",
    "é",
    "a\u0000b",
    "node\nname",
    "x" * 300,
    [],
    {},
    [None],
    [[]],
    {"": None},
    {"metadata": None},
    {"name": 1},
    ["a", 1, None],
]


def mutated(text: bytes, rng: random.Random) -> bytes:
    """JSON text with one to four changes, two times in five in its bytes, else in its structure."""
    if rng.random() < 0.4:
        return _in_bytes(text, rng)
    changed = msgspec.json.decode(text)
    for _ in range(rng.randint(1, 4)):
        changed = _in_structure(changed, rng)
    if rng.random() < 0.8:
        # This encoder is quick and does not escape, but knows no integers beyond 64 bits.
        with contextlib.suppress(OverflowError):
            return msgspec.json.encode(changed)
    return json.dumps(changed, separators=(",", ":")).encode()


def _in_bytes(text: bytes, rng: random.Random) -> bytes:
    found = bytearray(text)
    if rng.random() < 0.01:
        place = max(0, found.find(b":", rng.randrange(len(found)))) + 1
        found[place:place] = rng.choice(_DEEP) + rng.choice([b"", b","])
    for _ in range(rng.randint(1, 4)):
        place = rng.randrange(len(found) + 1)
        match rng.randrange(5):
            case 0:
                del found[place : place + rng.randint(1, 40)]
            case 1:
                found[place:place] = rng.choice(_PIECES)
            case 2:
                end = found.find(b",", place)
                start = found.rfind(b":", 0, place) + 1
                if 0 < start < end:
                    found[start:end] = rng.choice(_PIECES)
            case 3:
                found[place:place] = found[place : place + rng.randint(1, 60)]
            case _:
                if place < len(found):
                    found[place] = rng.randrange(256)
    return bytes(found)


def _in_structure(whole: Any, rng: random.Random) -> Any:
    """The value with one part of it, at any depth, replaced, removed, doubled, renamed or buried."""
    path: list[Any] = []
    at = whole
    while isinstance(at, (dict, list)) and at and (not path or rng.random() < 0.85):
        key = rng.choice(list(at)) if isinstance(at, dict) else rng.randrange(len(at))
        path.append((at, key))
        at = at[key]
    if not path:
        return copy.deepcopy(rng.choice(_VALUES))
    parent, key = path[-1]
    match rng.randrange(6):
        case 0 | 1:
            parent[key] = copy.deepcopy(rng.choice(_VALUES))
        case 2:
            del parent[key]
        case 3:
            if isinstance(parent, list):
                parent.insert(key, copy.deepcopy(parent[key]))
            else:
                parent[rng.choice([str(key).upper(), str(key) + "x", ""])] = copy.deepcopy(parent[key])
        case 4:
            for _ in range(rng.choice([1, 3, 40])):
                parent[key] = [parent[key]] if rng.random() < 0.5 else {"a": parent[key]}
        case _:
            other, name = rng.choice(path)
            parent[key] = copy.deepcopy(other[name])
    return whole
