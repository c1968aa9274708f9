"""How many items of a kind there are, and which of them may enter where."""

from __future__ import annotations

import numpy as np

from placement_solvers.cp_sat.model import Model
from placement_solvers.cp_sat.program import Sum


def add_counts(model: Model) -> None:
    """No more items than there are; those that enter a bin wait or come from another one.

    An item that starts in bin b can enter any bin but b, and one that waits any bin. By Hall's theorem the entering
    numbers can be met if none of them, and not their sum, exceeds the items that can meet them.
    """
    kinds, rest, program = model.kinds, model.rest, model.program
    starts: dict[int, dict[int, int]] = {}
    for kind, bin_, items in zip(
        kinds.start_kind.tolist(), kinds.start_bin.tolist(), kinds.start_count.tolist(), strict=True
    ):
        starts.setdefault(kind, {})[bin_] = items
    for kind in range(len(kinds)):
        cells = model.cells_of(kind)
        if not model.is_open(cells.tolist()):
            continue
        program.at_most(model.sum_of(cells, int(rest.items[kind])), int(kinds.count[kind]))
        entering = model.entering(cells)
        if not kinds.movable[kind]:
            gone_in = int(rest.items[kind] - rest.kept[kind])
            program.at_most(model.sum_of(entering, gone_in), int(kinds.waiting[kind]))
            continue
        _keep_apart(model, kind, starts.get(kind, {}))


def _keep_apart(model: Model, kind: int, started: dict[int, int]) -> None:
    """For each bin that items of the kind start in and others enter: enough of them must start elsewhere."""
    kinds, rest, program = model.kinds, model.rest, model.program
    cells = model.cells_of(kind)
    staying = model.staying(cells)
    entering = [(int(model.cells.bin[cell]), [cell], 0) for cell in model.entering(cells)]
    if started and len(rest.pairs):
        fixed = np.flatnonzero((rest.pairs.kind == kind) & ~rest.pairs.kept)
        entering += [(int(rest.pairs.bin[row]), [], int(rest.pairs.items[row])) for row in fixed.tolist()]
    for bin_, here, items in entering:
        if bin_ in started:
            elsewhere = [cell for cell in staying if model.cells.bin[cell] != bin_]
            row = Sum(constant=items + int(rest.kept[kind])).add([*here, *elsewhere])
            program.at_most(row, int(kinds.count[kind]) - started[bin_])
