"""Classes that a packing view cannot tell apart, made one.

Relations that the view does not speak of, or labels that nobody asks for, leave classes that differ in nothing that
counts: as rows of a programme they only cost time.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from placement_solvers.packing_view import Joint, PackingView
from placement_solvers.problem import Bool, Int32, Int64


def merged(view: PackingView) -> PackingView:
    """The view with one class for all that ask for the same, fit the same types and are under no limit of their own.

    A class that only its count and the capacity of a bin hold back is open to be merged. Classes without items go
    together whatever they ask for. O(T C R + C log C).
    """
    fit = view.fit()
    alike = ((view.most == 0) | (view.most == np.minimum(fit, view.count))).all(axis=0) & ~_related(view)
    key = np.column_stack(
        [
            np.where(alike, -1, np.arange(view.num_classes)),
            view.demand,
            view.unplaced.T,
            _patterns(view.most > 0),
        ]
    )
    key[view.count == 0] = -2
    # Rows in the order of their first class. Sorting them would take seconds where there are many resources.
    number: dict[bytes, int] = {}
    row_of = np.array([number.setdefault(row.tobytes(), len(number)) for row in key], dtype=np.int32)
    if len(number) == view.num_classes:
        return view
    first = np.unique(row_of, return_index=True)[1]
    count = np.bincount(row_of, weights=view.count, minlength=len(first)).astype(np.int64)
    most = np.where(alike[first], np.minimum(fit[:, first], count), view.most[:, first])
    most[view.most[:, first] == 0] = 0
    return replace(
        view,
        demand=view.demand[first],
        count=count,
        most=np.ascontiguousarray(most, dtype=np.int32),
        joints=tuple(Joint(row_of[joint.classes], joint.at_most) for joint in view.joints),
        conflicts=tuple(
            replace(one, class_=int(row_of[one.class_]), others=row_of[one.others]) for one in view.conflicts
        ),
        rules=tuple(replace(rule, classes=row_of[rule.classes]) for rule in view.rules),
        unplaced=np.ascontiguousarray(view.unplaced[:, first]),
        row_of_class=row_of[view.row_of_class],
    )


def _related(view: PackingView) -> Bool:
    """Classes that some relation names, (C,) bool."""
    found = np.zeros(view.num_classes, dtype=np.bool_)
    for classes in _named(view):
        found[classes] = True
    return found


def _named(view: PackingView) -> list[Int32]:
    return [
        *(joint.classes for joint in view.joints),
        *(np.append(one.others, one.class_).astype(np.int32) for one in view.conflicts),
        *(rule.classes for rule in view.rules),
    ]


def _patterns(fits: Bool) -> Int64:
    """A number for each set of types that classes fit, (C,) int64."""
    if len(fits) == 0:
        return np.zeros(fits.shape[1], dtype=np.int64)
    packed = np.ascontiguousarray(np.packbits(fits, axis=0).T)
    rows = packed.view(np.dtype((np.void, packed.shape[1]))).reshape(-1)
    _, number = np.unique(rows, return_inverse=True)
    numbers: Int64 = number.reshape(-1).astype(np.int64)
    return numbers
