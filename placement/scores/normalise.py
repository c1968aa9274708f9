"""From raw scores to 0 … 100 (kube-scheduler ``plugins/helper/normalize_score.go``)."""

from __future__ import annotations

from collections.abc import Sequence

MAX_SCORE = 100


def proportional(raw: Sequence[int], *, reverse: bool = False) -> list[int]:
    """Raw scores in proportion to the highest; reversed, the highest gets 0."""
    highest = max(raw, default=0)
    if highest == 0:
        return [MAX_SCORE if reverse else 0] * len(raw)
    scaled = [MAX_SCORE * score // highest for score in raw]
    return [MAX_SCORE - score for score in scaled] if reverse else scaled
