"""What every stored object carries besides its meaning: identifiers, times and the managed fields."""

from __future__ import annotations

import random
from functools import cache
from typing import Any

_ALPHABET = "bcdfghjklmnpqrstvwxz2456789"  # the letters Kubernetes uses in generated names


def uid(rng: random.Random) -> str:
    """A version 4 UUID."""
    digits = f"{rng.getrandbits(128):032x}"
    return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-a{digits[17:20]}-{digits[20:]}"


def suffix(rng: random.Random, length: int) -> str:
    """The random end of a generated name."""
    return "".join(rng.choices(_ALPHABET, k=length))


def moment(rng: random.Random) -> str:
    """A time of the year 2026."""
    date = f"2026-{rng.randrange(1, 13):02d}-{rng.randrange(1, 29):02d}"
    return f"{date}T{rng.randrange(24):02d}:{rng.randrange(60):02d}:00Z"


def fields_of(manager: str, roots: tuple[str, ...], time: str) -> list[dict[str, Any]]:
    """A ``managedFields`` list of the usual length: half of what a dump weighs."""
    return [
        {
            "apiVersion": "v1",
            "fieldsType": "FieldsV1",
            "fieldsV1": _fields(roots),
            "manager": manager,
            "operation": "Update",
            "time": time,
        }
    ]


@cache
def _fields(roots: tuple[str, ...]) -> dict[str, Any]:
    inner: dict[str, Any] = {
        f"f:{name}": {".": {}, "f:image": {}, "f:imagePullPolicy": {}, "f:name": {}, "f:resources": {".": {}}}
        for name in ("annotations", "conditions", "containers", "labels", "ownerReferences", "tolerations", "volumes")
    }
    return {f"f:{root}": {".": {}, **inner} for root in roots}
