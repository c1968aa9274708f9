"""What has changed in a state since somebody last took note, each object once."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import Any

from placement.store.objects import Key


@dataclass(frozen=True, slots=True)
class Change:
    """What became of one object.

    Attributes
    ----------
    gone : bool
        Whether it was deleted meanwhile; with a model it came back afterwards.
    model : object or None
        As it is now, None if it is gone.
    """

    kind: str
    key: Key
    gone: bool
    model: Any


class Journal:
    """Changes in the order in which they happened, the last one of each object.

    Attributes
    ----------
    torn : bool
        Whether everything was replaced, which no list of changes says.
    """

    def __init__(self) -> None:
        self.torn = False
        self._changes: dict[tuple[str, Key], Change] = {}

    def __len__(self) -> int:
        return len(self._changes)

    def come(self, kind: str, key: Key, model: Any) -> None:
        """Note that an object came or changed. O(1)."""
        known = self._changes.get((kind, key))
        self._changes[kind, key] = Change(kind, key, known is not None and known.gone, model)

    def go(self, kind: str, key: Key) -> None:
        """Note that an object is gone. O(1)."""
        # Whatever comes by that name later comes after all that has happened so far.
        self._changes.pop((kind, key), None)
        self._changes[kind, key] = Change(kind, key, True, None)

    def tear(self) -> None:
        """Note that everything was replaced."""
        self.torn = True
        self._changes.clear()

    def take(self, number: int) -> list[Change]:
        """The first so many changes, which are forgotten here. O(number)."""
        taken = list(islice(self._changes.values(), number))
        for change in taken:
            del self._changes[change.kind, change.key]
        return taken
