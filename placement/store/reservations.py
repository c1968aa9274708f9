"""Room on nodes that is kept for pods which are still to come."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np

from placement.model.gpu import GpuShare
from placement.model.pod import Pod, PodTemplate
from placement.predicates.node_resources_fit import requests
from placement.store.columns import Int64, NodeTable


@dataclass(frozen=True, slots=True)
class Reservation:
    """One pod's room.

    Attributes
    ----------
    until : float
        When it lapses, in seconds of the caller's clock.
    """

    node: str
    template: PodTemplate
    until: float


@dataclass(slots=True, eq=False)
class Kept:
    """What is kept from one pod on each node."""

    pods: Int64
    _amounts: dict[str, Int64] = field(default_factory=dict)

    def amounts(self, resource: str) -> Int64:
        """Units of a resource, (rows,)."""
        return self._amounts.get(resource, np.zeros(len(self.pods), dtype=np.int64))

    def add(self, rows: Int64, template: PodTemplate, sign: int) -> None:
        """Keep, or with sign -1 no longer keep, what a pod of the template needs on each of `rows`, (pods,)."""
        np.add.at(self.pods, rows, sign)
        for resource, amount in requests(template):
            column = self._amounts.get(resource)
            if column is None:
                column = self._amounts[resource] = np.zeros(len(self.pods), dtype=np.int64)
            np.add.at(column, rows, sign * amount)

    def copy(self) -> Kept:
        """A copy that may be changed."""
        return Kept(self.pods.copy(), {resource: column.copy() for resource, column in self._amounts.items()})


class Reservations:
    """Room by pod. Only resources, shares of GPUs and the number of pods are kept, not ports, affinity or spread.

    As kube-scheduler counts nominated pods, room is kept from pods of the same or a lower priority, and never from
    the pod it is meant for.
    """

    def __init__(self) -> None:
        self._of_pod: dict[str, Reservation] = {}
        # What is to be kept next, while it is gathered.
        self._next: dict[str, Reservation] = {}
        # Where room is kept for each template, and what is kept from each priority; made when first asked for.
        self._rows: dict[int, tuple[PodTemplate, Int64]] | None = None
        self._kept: dict[int, Kept] = {}
        self._table: NodeTable | None = None
        self._generation = -1

    def __len__(self) -> int:
        return len(self._of_pod)

    def node_of(self, pod: str) -> str | None:
        """The node on which a pod ``namespace/name`` has room, None if it has none."""
        reservation = self._of_pod.get(pod)
        return None if reservation is None else reservation.node

    def begin(self) -> None:
        """Begin to gather what is to be kept next; pods whose room is given up meanwhile are not kept any."""
        self._next = {}

    def gather(self, pod: str, reservation: Reservation) -> None:
        """Add room that is to be kept next."""
        self._next[pod] = reservation

    def commit(self) -> None:
        """Keep exactly what was gathered from now on."""
        self._of_pod, self._next = self._next, {}
        self._forget()

    def replace(self, reservations: Iterable[tuple[str, Reservation]]) -> None:
        """Keep exactly this room from now on."""
        self.begin()
        self._next.update(reservations)
        self.commit()

    def exchange(self, one: str, other: str) -> None:
        """Keep for each of two pods what was kept for the other; they need the same and are of one priority. O(1)."""
        first, second = self._of_pod.pop(one, None), self._of_pod.pop(other, None)
        if first is not None:
            self._of_pod[other] = first
        if second is not None:
            self._of_pod[one] = second

    def release(self, pod: str) -> None:
        """Give up a pod's room: it has come, or will not. O(priorities asked for)."""
        self._next.pop(pod, None)
        reservation = self._of_pod.pop(pod, None)
        if reservation is None or not self._kept:
            return
        self._rows = None
        row = None if self._table is None else self._table.row_of.get(reservation.node)
        if self._table is None or self._table.generation != self._generation:
            self._forget()
        elif row is not None:
            for priority, kept in self._kept.items():
                if reservation.template.priority >= priority:
                    kept.add(np.array([row]), reservation.template, -1)

    def expire(self, now: float) -> int:
        """Give up what has lapsed; how much that was."""
        lapsed = [pod for pod, reservation in self._of_pod.items() if reservation.until <= now]
        for pod in lapsed:
            self.release(pod)
        return len(lapsed)

    def kept_from(self, pod: Pod, table: NodeTable) -> Kept | None:
        """What is kept from a pod on each node, None if nothing.

        O(reservations) after they were replaced or nodes came or went, else O(nodes) for a pod with room of its own and
        O(1) for others.
        """
        if not self._of_pod:
            return None
        if table is not self._table or table.generation != self._generation:
            self._forget()
            self._table, self._generation = table, table.generation
        priority = pod.template.priority
        kept = self._kept.get(priority)
        if kept is None:
            kept = self._kept[priority] = Kept(np.zeros(table.num_rows, dtype=np.int64))
            for template, rows in self._by_template(table).values():
                if template.priority >= priority:
                    kept.add(rows, template, 1)
        own = self._of_pod.get(pod.key)
        row = None if own is None else table.row_of.get(own.node)
        if own is None or row is None or own.template.priority < priority:
            return kept
        without = kept.copy()
        without.add(np.array([row]), own.template, -1)
        return without

    def shares_kept_from(self, pod: Pod, table: NodeTable) -> dict[int, list[GpuShare]]:
        """The shares of GPUs that are kept from a pod, by the row of their node. O(reservations)."""
        found: dict[int, list[GpuShare]] = {}
        for key, each in self._of_pod.items():
            share, row = each.template.gpu_share, table.row_of.get(each.node)
            if share is None or row is None or key == pod.key or each.template.priority < pod.template.priority:
                continue
            found.setdefault(row, []).append(share)
        return found

    def _by_template(self, table: NodeTable) -> dict[int, tuple[PodTemplate, Int64]]:
        if self._rows is None:
            found: dict[int, tuple[PodTemplate, list[int]]] = {}
            for reservation in self._of_pod.values():
                row = table.row_of.get(reservation.node)
                if row is not None:
                    template = reservation.template
                    found.setdefault(id(template), (template, []))[1].append(row)
            self._rows = {key: (template, np.array(rows)) for key, (template, rows) in found.items()}
        return self._rows

    def _forget(self) -> None:
        self._rows = None
        self._kept.clear()
