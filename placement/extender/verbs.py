"""Filter and prioritize: from a body to an answer, within a deadline, open when something is wrong on our side."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from placement.errors import InputError
from placement.extender.favour import MOST, Favours
from placement.extender.guidance import ELSEWHERE, INCOMPLETE, Guidance, kind_of
from placement.extender.metrics import Metrics
from placement.extender.offer import Offer, Offers, filter_answer, filter_error, priorities_answer
from placement.extender.protocol import question
from placement.extender.settings import Settings
from placement.extender.turns import NOT_ITS_TURN, Turns
from placement.gangs import group_name
from placement.model.pod import Pod
from placement.policy import PRESETS, Policy
from placement.predicates.refusal import Refusal
from placement.store.columns import Int32
from placement.store.outcome import FEASIBLE, Outcome
from placement.store.reader import Reader
from placement.store.state import State

_log = logging.getLogger("placement.extender")

# Others of its kind that a pod is to change places with: so many are judged, and so many looked at.
_TRIED = 3
_LOOKED_AT = 200


class Verbs:
    """Answers kube-scheduler from one state.

    Parameters
    ----------
    state : State
    clock : callable
        Seconds that never go back.

    Attributes
    ----------
    ready : bool
        Whether the state has seen the whole cluster; until then every call passes.
    guidance : Guidance
        The current plan.
    """

    def __init__(
        self,
        state: State,
        *,
        policy: Policy | None = None,
        settings: Settings | None = None,
        metrics: Metrics | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.state = state
        self.policy = policy or PRESETS["default"]
        self.settings = settings or Settings()
        self.metrics = metrics or Metrics()
        self.clock = clock
        self.ready = True
        self.guidance = Guidance()
        self.reader = Reader()
        self._offers = Offers()
        self._favours = Favours(self.policy)
        self._turns = Turns()

    def filter(self, body: bytes | bytearray, began: float | None = None) -> bytes:
        """The answer to a filter call.

        Parameters
        ----------
        body : bytes
        began : float, optional
            When the call came, by the clock.

        Raises
        ------
        MalformedError
            If the body is not a call.
        """
        began = self.clock() if began is None else began
        asked = question(body)
        table = self.state.snapshot.table
        offer = self._offers.offer(asked, table)
        if not self.ready:
            return self._open("filter", "not-ready", offer)
        try:
            pod = self.reader.pod(asked.pod)
        except InputError as error:
            # Told so (`ignorable`) the scheduler goes on without us, else the pod waits: both are to be seen.
            self._unreadable("filter", error)
            return filter_error(str(error))
        if self._late(began):
            return self._open("filter", "deadline", offer)
        # The scheduler asks again, so the pod has not gone where it was sent.
        self.state.drop(pod.key)
        try:
            outcome = self.state.outcome(pod, self.state.reservations)
        except Exception:  # whatever is wrong with us, pods are to be scheduled
            _log.exception("a filter call was let through")
            return self._open("filter", "error", offer)
        if self._late(began):
            return self._open("filter", "deadline", offer)
        outcome = self._exchanged(pod, offer, outcome)
        codes, refusals = offer.codes(outcome), outcome.refusals
        codes = self._steered(pod, offer, codes, refusals)
        if pod.template.gpu_share is not None:
            codes = self._in_turn(pod, offer, codes, refusals)
        self._count(offer, codes)
        self._assume_only(pod, offer, codes)
        return filter_answer(offer, codes, refusals)

    def prioritize(self, body: bytes | bytearray, began: float | None = None) -> bytes:
        """The answer to a prioritize call.

        Raises
        ------
        MalformedError
            If the body is not a call.
        """
        began = self.clock() if began is None else began
        asked = question(body)
        table = self.state.snapshot.table
        offer = self._offers.offer(asked, table)
        scores = np.zeros(len(offer.rows), dtype=np.int64)
        if not self.ready or self._late(began):
            self.metrics.fail_open.labels("prioritize", "deadline" if self.ready else "not-ready").inc()
            return priorities_answer(offer, scores)
        try:
            scores = self._scores(self.reader.pod(asked.pod), offer)
        except InputError as error:
            # The scheduler ignores errors here, so no preference says the same and is cheaper.
            self._unreadable("prioritize", error)
        except Exception:
            _log.exception("a prioritize call was answered without preference")
            self.metrics.fail_open.labels("prioritize", "error").inc()
        return priorities_answer(offer, scores)

    def _scores(self, pod: Pod, offer: Offer) -> NDArray[np.int64]:
        """How good each offered node is, (n,); the planned one is best."""
        snapshot = self.state.snapshot
        scores = self._favours.scores(pod, snapshot, offer.rows)
        planned = self.guidance.node_of.get(pod.key)
        place = -1 if planned is None else offer.place(snapshot.table.row_of.get(planned))
        if place >= 0:
            scores[place] = MOST
        return scores

    def _late(self, began: float) -> bool:
        return self.clock() - began > self.settings.deadline

    def _unreadable(self, verb: str, error: InputError) -> None:
        _log.warning("%s: a pod cannot be read: %s", verb, error)
        self.metrics.fail_open.labels(verb, "unreadable").inc()

    def _open(self, verb: str, reason: str, offer: Offer) -> bytes:
        self.metrics.fail_open.labels(verb, reason).inc()
        return filter_answer(offer, np.zeros(len(offer.rows), dtype=np.int32), [])

    def _exchanged(self, pod: Pod, offer: Offer, outcome: Outcome) -> Outcome:
        """The outcome after the pod, if its planned node does not take it now, changed places with one of its kind."""
        guidance, state = self.guidance, self.state
        planned = guidance.node_of.get(pod.key)
        if planned is None:
            return outcome
        row_of = state.snapshot.table.row_of
        place = offer.place(row_of.get(planned))
        if place >= 0 and offer.codes(outcome)[place] == FEASIBLE:
            return outcome
        tried = 0
        # The plan knows the pod as the state does.
        planned_pod = state.objects.pods.get(pod.key, pod)
        for number, (twin, node) in enumerate(guidance.twins_of(planned_pod)):
            known = state.objects.pods.get(twin)
            if known is None or known.node or known.finished or state.assumed_node(twin):
                guidance.forget(twin, kind_of(planned_pod))
                continue
            place = offer.place(row_of.get(node))
            if place >= 0 and node != planned:
                state.reservations.exchange(pod.key, twin)
                found = state.outcome(pod, state.reservations)
                if offer.codes(found)[place] == FEASIBLE:
                    guidance.exchange(pod.key, twin)
                    self.metrics.plan_exchanged.inc()
                    return found
                state.reservations.exchange(pod.key, twin)
                tried += 1
            if tried == _TRIED or number == _LOOKED_AT:
                break
        return outcome

    def _steered(self, pod: Pod, offer: Offer, codes: Int32, refusals: list[Refusal]) -> Int32:
        """The codes with what the plan adds to them."""
        planned = self.guidance.node_of.get(pod.key)
        if planned is None:
            if self.guidance.gangs and group_name(pod):
                self.metrics.held_back.inc()
                return _refused_too(codes, refusals, INCOMPLETE, np.ones(len(codes), dtype=np.bool_))
            return codes
        place = offer.place(self.state.snapshot.table.row_of.get(planned))
        if place < 0:
            self.metrics.not_offered.inc()
            return codes
        if codes[place] != FEASIBLE:
            if pod.key not in self.guidance.after_evictions:
                self.metrics.plan_refused.inc()
            return codes
        if self.settings.steering == "advisory":
            return codes
        self.metrics.plan_followed.inc()
        return _all_but(place, codes, refusals, ELSEWHERE)

    def _in_turn(self, pod: Pod, offer: Offer, codes: Int32, refusals: list[Refusal]) -> Int32:
        """The codes with all nodes refused but one, on which the pod can be counted at once."""
        left = np.flatnonzero(codes == FEASIBLE)
        if len(left) < 2:
            return codes
        try:
            scores = self._scores(pod, offer)[left]
        except Exception:  # any of them will do
            _log.exception("a node was chosen without preference")
            scores = np.zeros(len(left), dtype=np.int64)
        states = self.state.snapshot.table.states

        def name_of(place: int) -> str:
            state = states[offer.rows[left[place]]]
            return "" if state is None else state.name

        place = left[self._turns.next(pod.uid or pod.key, scores, name_of)]
        return _all_but(int(place), codes, refusals, NOT_ITS_TURN)

    def _assume_only(self, pod: Pod, offer: Offer, codes: Int32) -> None:
        # Beside nodes that nobody here has heard of it may yet go elsewhere. A share of a GPU is rather kept in vain.
        if offer.unknown and pod.template.gpu_share is None:
            return
        left = np.flatnonzero(codes == FEASIBLE)
        state = self.state.snapshot.table.states[offer.rows[left[0]]] if len(left) == 1 else None
        if state is not None:
            self.state.assume(pod, state.name, self.clock() + self.settings.assume_for)

    def _count(self, offer: Offer, codes: Int32) -> None:
        self.metrics.nodes_offered.inc(len(offer))
        self.metrics.nodes_refused.inc(int(np.count_nonzero(codes)))
        if offer.unknown:
            self.metrics.unknown_nodes.inc(len(offer.unknown))


def _all_but(place: int, codes: Int32, refusals: list[Refusal], refusal: Refusal) -> Int32:
    others = np.ones(len(codes), dtype=np.bool_)
    others[place] = False
    return _refused_too(codes, refusals, refusal, others)


def _refused_too(codes: Int32, refusals: list[Refusal], refusal: Refusal, where: NDArray[np.bool_]) -> Int32:
    refusals.append(refusal)
    codes[where & (codes == FEASIBLE)] = len(refusals)
    return codes
