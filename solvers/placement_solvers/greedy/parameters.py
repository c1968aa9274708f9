"""What a greedy run may be told."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum, auto


class Order(StrEnum):
    """In which order items are placed; greater priority goes first in all of them."""

    ARRIVAL = auto()  # as they came
    INTERLEAVED = auto()  # all classes in proportion, so that bins fill with a mixture
    SIZE = auto()  # forced to spread first, then large ones, then as they came


class Score(StrEnum):
    """Which of the bins that would do an item gets; between equals, the lowest number."""

    PACK = auto()  # in use before empty, cheap before dear, then where no resource is left stranded
    SPREAD = auto()  # the emptiest


@dataclass(frozen=True, slots=True)
class GreedyParameters:
    """How a greedy run goes about it.

    Attributes
    ----------
    chunk : int
        Items between two looks at the stopping criterion.
    memory : int
        Bytes for the scores kept for each class. Fewer make it slower, never different.

    Raises
    ------
    ValueError
        If a number is not positive.
    """

    order: Order = Order.INTERLEAVED
    score: Score = Score.PACK
    chunk: int = 16_384
    memory: int = 1 << 30

    def __post_init__(self) -> None:
        if self.chunk < 1:
            raise ValueError(f"a chunk has one item or more, not {self.chunk}")
        if self.memory < 1:
            raise ValueError(f"memory is a number of bytes, not {self.memory}")
