"""Items in bins and on devices, entering one after the other by every rule; who entered last may leave again."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from placement_solvers.device_assignment import assign, requests
from placement_solvers.devices import kernels
from placement_solvers.devices.admission import Admission
from placement_solvers.devices.state import (
    STALE,
    Float64,
    alike,
    bins_of,
    classes_of,
    devices_of,
    room_for,
    scores_of,
)
from placement_solvers.problem import NOWHERE, Bool, Int32, Int64, Problem
from placement_solvers.solution import Solution


@dataclass(frozen=True, slots=True, eq=False)
class _Before:
    """A bin as it was before something happened to it."""

    bin: int
    free: Int64
    devices: Int64
    value: float


class Placing:
    """What lies where so far, which bins an item may enter, and which of them loses least by it.

    Items that stay in their start are in from the beginning; the device an item is put on is never changed.

    Parameters
    ----------
    problem : Problem
    stays : (I,) bool
        Items that stay in the bin they start in.
    weight : (C,) float64
        How common each class is among the items to come; see `placement_solvers.devices.state.classes_of`.

    Attributes
    ----------
    bin_of : (I,) int32
    sequence : list of int
        Items in the order they entered, those that stay first.
    touched : set of int
        Groups that a member entered; whoever asks clears it.
    """

    def __init__(self, problem: Problem, stays: Bool, weight: Float64) -> None:
        self.problem = problem
        self.bin_of: Int32 = np.full(problem.num_items, NOWHERE, dtype=np.int32)
        self.sequence: list[int] = []
        self.touched: set[int] = set()
        self._bins, self._scores, self._room = bins_of(problem), scores_of(problem), room_for(problem)
        self._kind_of = alike(problem)
        self._devices = devices_of(problem)
        self._admission = Admission(problem)
        self._log: list[tuple[int, tuple[_Before, ...]]] = []  # item, and the bins it changed
        self._closed: Bool = np.zeros(problem.num_bins, dtype=np.bool_)  # to items that take devices
        self._keep(np.flatnonzero(stays).tolist())
        self.expect(weight)

    def expect(self, weight: Float64) -> None:
        """Judge bins by another mix of items to come, (C,) float64."""
        common: Float64 = np.bincount(self._kind_of, weight, self.problem.num_classes).astype(np.float64)
        self._classes = classes_of(self.problem, common, self._bins.unit)
        kernels.value_all(self._bins, self._classes, self._room)
        self._scores.stamp.fill(STALE)

    def solution(self) -> Solution:
        """What lies where, as of now."""
        return Solution(self.bin_of.copy(), np.array(self.sequence, dtype=np.int32))

    def allowed(self, item: int) -> Bool:
        """Bins the item may enter as far as all but room goes, (B,) bool; not to be changed."""
        problem, class_ = self.problem, int(self.problem.class_of[item])
        allowed = self._admission.allowed(class_)
        if self._closed.any() and self._devices.count[class_] > 0:
            allowed = allowed & ~self._closed
        if self._begins_in(item) != NOWHERE:
            may_move = len(problem.class_movable) == 0 or bool(problem.class_movable[class_])
            if not may_move or not self._may_hold(class_, self._begins_in(item)):
                return np.zeros(problem.num_bins, dtype=np.bool_)
            allowed = allowed.copy()
            allowed[self._begins_in(item)] = False  # who comes back has never left
        return allowed

    def choose(self, item: int, allowed: Bool, preferred: int = NOWHERE) -> int:
        """The bin among those allowed that loses least, or the preferred one if it takes the item; -1 if none does."""
        kind = int(self._kind_of[self.problem.class_of[item]])
        state = self._bins, self._classes, self._scores, self._room
        if preferred != NOWHERE and allowed[preferred] and kernels.takes(*state, kind, preferred):
            return preferred
        topology = self._admission.starting(int(self.problem.class_of[item]))
        if topology is not None:
            allowed = self._where_most_fit(int(self.problem.class_of[item]), allowed, topology)
        return int(kernels.choose(*state, kind, allowed))

    def enter(self, item: int, bin_: int) -> None:
        """Put an item into a bin that `choose` named for it."""
        class_ = int(self.problem.class_of[item])
        begins_in = self._begins_in(item)
        before = [self._as_it_is(bin_)]
        if begins_in != NOWHERE and self.problem.transient.any():
            before.append(self._as_it_is(begins_in))
            self._bins.free[begins_in] -= np.where(self.problem.transient, self.problem.demand[class_], 0)
            self._bins.changed[begins_in] += 1
        kernels.enter(self._bins, self._classes, self._scores, self._room, int(self._kind_of[class_]), bin_)
        self._admission.enter(class_, bin_)
        self.touched.update(self._admission.groups_of(class_))
        self.bin_of[item] = bin_
        self.sequence.append(item)
        self._log.append((item, tuple(before)))

    def undo(self, number: int) -> None:
        """Take the last items out again, so many of them."""
        for _ in range(number):
            item, before = self._log.pop()
            self._admission.enter(int(self.problem.class_of[item]), int(self.bin_of[item]), -1)
            for bin_ in before:
                self._bins.free[bin_.bin] = bin_.free
                self._bins.device_free[self._bins.start[bin_.bin] : self._bins.start[bin_.bin + 1]] = bin_.devices
                self._bins.value[bin_.bin] = bin_.value
                self._bins.changed[bin_.bin] += 1  # never counted back: what is known of scores would look fresh
            self.bin_of[item] = NOWHERE
            self.sequence.pop()

    def domains_by_room(self, items: Sequence[int], topology: int) -> list[int]:
        """Domains of a topology in which an item could lie, those with room for most first."""
        room = np.zeros(int(self.problem.num_domains[topology]), dtype=np.int64)
        for class_ in np.unique(self.problem.class_of[items]).tolist():
            inside = self.problem.domain_of[topology] != NOWHERE
            many = np.where(inside & self._admission.allowed(class_), self._room_for(class_), 0)
            np.add.at(room, self.problem.domain_of[topology][many > 0], many[many > 0])
        order: list[int] = np.argsort(-room, kind="stable").tolist()
        return [domain for domain in order if room[domain] > 0]

    def _keep(self, items: Iterable[int]) -> None:
        """Put items where they start, whatever they lie on: bins whose devices are overfull take no more of such."""
        problem = self.problem
        held: dict[int, list[int]] = {}
        for item in items:
            class_, bin_ = int(problem.class_of[item]), int(problem.start[item])
            self._bins.free[bin_] -= problem.demand[class_]
            self._admission.enter(class_, bin_)
            self.bin_of[item] = bin_
            self.sequence.append(item)
            if self._devices.count[class_] > 0:
                held.setdefault(bin_, []).append(item)
        for bin_, inside in held.items():
            found = assign(problem.devices.of_bin(bin_), requests(problem, inside))
            self._closed[bin_] = found is None
            for item, chosen in zip(inside, found or (), strict=found is not None):
                own = problem.devices.start[bin_] + np.array(chosen, dtype=np.int64)
                self._bins.device_free[own] -= problem.devices.share[problem.class_of[item]]

    def _as_it_is(self, bin_: int) -> _Before:
        own = slice(self._bins.start[bin_], self._bins.start[bin_ + 1])
        return _Before(
            bin_, self._bins.free[bin_].copy(), self._bins.device_free[own].copy(), float(self._bins.value[bin_])
        )

    def _begins_in(self, item: int) -> int:
        return int(self.problem.start[item]) if len(self.problem.start) else NOWHERE

    def _may_hold(self, class_: int, bin_: int) -> bool:
        """Whether a bin has the transient resources left that an item goes on holding there when it moves."""
        if not self.problem.transient.any():
            return True
        held = np.where(self.problem.transient, self.problem.demand[class_], 0)
        return bool(((held <= 0) | (held <= self._bins.free[bin_])).all())

    def _where_most_fit(self, class_: int, allowed: Bool, topology: int) -> Bool:
        """Of the bins allowed those of the domain that has room for most items of the class, (B,) bool.

        The first of a company decides where all others must go, and there may be many: as many as fit is the best
        guess.
        """
        many = np.where(allowed, self._room_for(class_), 0)
        domains = self.problem.domain_of[topology]
        if not many.any():
            return allowed
        room = np.bincount(domains[many > 0], many[many > 0])
        chosen: Bool = allowed & (domains == int(room.argmax()))
        return chosen

    def _room_for(self, class_: int) -> Int64:
        """About how many items of a class each bin would take, (B,) int64. O(B x (R + Q))."""
        problem, devices = self.problem, self._devices
        many = np.full(problem.num_bins, problem.num_items, dtype=np.int64)
        for amount, free in zip(problem.demand[class_], self._bins.free.T, strict=True):
            if amount > 0:
                many = np.minimum(many, free // amount)
        bin_of = np.repeat(np.arange(problem.num_bins), np.diff(devices.start))
        for share, free in zip(devices.share[class_], self._bins.device_free.T, strict=True):
            if share > 0 and devices.count[class_] > 0:
                slots = np.bincount(bin_of, free.clip(min=0) // share, minlength=problem.num_bins).astype(np.int64)
                many = np.minimum(many, slots // devices.count[class_])
        return many.clip(min=0)
