"""The word of the filters on all nodes at once, as numbers that stand for refusals."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from placement.predicates.refusal import Refusal
from placement.store.columns import Int32

FEASIBLE = 0


@dataclass(slots=True, eq=False)
class Outcome:
    """What each node says of a pod.

    Attributes
    ----------
    codes : (rows,) int32
        `FEASIBLE`, or the number of the first refusal. Rows of nodes that are gone mean nothing.
    refusals : list of Refusal
        Refusal number c is ``refusals[c - 1]``.
    """

    codes: Int32
    refusals: list[Refusal] = field(default_factory=list)
    _numbers: dict[Refusal, int] = field(default_factory=dict)

    @classmethod
    def of(cls, rows: int) -> Outcome:
        """An outcome in which every node admits the pod."""
        return cls(np.zeros(rows, dtype=np.int32))

    def number(self, refusal: Refusal) -> int:
        """The number that stands for a refusal."""
        number = self._numbers.get(refusal)
        if number is None:
            self.refusals.append(refusal)
            number = self._numbers[refusal] = len(self.refusals)
        return number

    def refuse(self, where: np.ndarray[tuple[int], np.dtype[np.bool_]], refusal: Refusal) -> None:
        """Refuse on the nodes of a mask, (rows,), that nobody refused on before."""
        self.codes[where & (self.codes == FEASIBLE)] = self.number(refusal)

    def refuse_all(self, refusal: Refusal) -> None:
        """Refuse on all nodes, whatever was said before."""
        self.codes[:] = self.number(refusal)

    def refusal(self, row: int) -> Refusal | None:
        """What one node says, None if it admits the pod."""
        code = int(self.codes[row])
        return None if code == FEASIBLE else self.refusals[code - 1]
