"""GpuShare: room on single GPUs that pods share.

No plugin of kube-scheduler: what the schedulers of shared GPUs ask (`placement.gpus` names them). A node's resources
in all say too little, for what is free may lie in parts on several GPUs. Which GPU a running pod has, its annotations
say; for the others of a node it is enough that they can all be laid out.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from placement.gpus import held
from placement.model.gpu import Gpu, GpuShare
from placement.model.pod import Pod
from placement.predicates.node_state import NodeState
from placement.predicates.refusal import Refusal

if TYPE_CHECKING:
    from placement.predicates.snapshot import Filter, Snapshot

NAME = "GpuShare"
WRONG_MODEL = "node(s) had no GPU of a model the pod asks for"
NO_GPU = "node(s) had no GPU to share as the pod asks"

Amounts = dict[str, int]


def insufficient(share: GpuShare) -> str:
    """The reason where GPUs would do, were they empty."""
    name = share.amounts[0][0]
    return f"Insufficient {name} on one GPU" if share.count == 1 else f"Insufficient {name} on {share.count} GPUs"


def crowded(share: GpuShare) -> Refusal:
    """The refusal of a node whose GPUs would do, were they empty."""
    return Refusal(NAME, (insufficient(share),), resolvable=True)


def prepare(pod: Pod, snapshot: Snapshot) -> Filter | None:
    """The filter of a pod, None if it shares no GPU."""
    share = pod.template.gpu_share
    if share is None:
        return None
    hopeless = Refusal(NAME, (NO_GPU,), resolvable=False)
    unliked = Refusal(NAME, (WRONG_MODEL,), resolvable=False)
    no_room = crowded(share)

    def judge(state: NodeState) -> Refusal | None:
        gpus = state.node.gpus
        if sum(share.accepts(gpu) for gpu in gpus) < share.count:
            return unliked if gpus and not any(share.likes(gpu) for gpu in gpus) else hopeless
        return no_room if laid_out(state, [share]) is None else None

    return judge


def laid_out(state: NodeState, more: Sequence[GpuShare] = ()) -> dict[str, tuple[int, ...]] | None:
    """The GPUs of each pod that does not say which it has, and under "0", "1" and so on those of `more`.

    None if there is no way to lay them all out. Exact; exponential in the worst case, in the unlike GPUs of a node.
    """
    asked = {
        key: pod.template.gpu_share
        for key, pod in state.pods.items()
        if pod.template.gpu_share is not None and not held(pod)
    }
    asked.update({str(number): share for number, share in enumerate(more)})
    # Largest first, pods of the same size in the order of their names: the same pods always get the same GPUs.
    keys = sorted(asked, key=lambda key: (-asked[key].count, _negative(asked[key]), key))
    found = _Search(state.node.gpus, [asked[key] for key in keys]).place(free(state))
    return None if found is None else dict(zip(keys, found, strict=True))


def free(state: NodeState) -> list[Amounts]:
    """What is left of each GPU of a node beside the pods that say which they have."""
    left = [dict(gpu.amounts) for gpu in state.node.gpus]
    place = {gpu.index: position for position, gpu in enumerate(state.node.gpus)}
    for pod in state.pods.values():
        share = pod.template.gpu_share
        if share is None:
            continue
        for index in held(pod):
            if index in place:
                _take(left[place[index]], share, 1)
    return left


def _take(amounts: Amounts, share: GpuShare, sign: int) -> None:
    for name, amount in share.amounts:
        amounts[name] = amounts.get(name, 0) - sign * amount


def _negative(share: GpuShare) -> tuple[tuple[str, int], ...]:
    return tuple((name, -amount) for name, amount in share.amounts)


class _Search:
    """Depth first: the fullest GPU that takes a share first, of GPUs alike only one."""

    def __init__(self, gpus: Sequence[Gpu], asked: Sequence[GpuShare]) -> None:
        self._gpus, self._asked = gpus, asked
        self._dead_ends: set[object] = set()

    def place(self, left: list[Amounts]) -> list[tuple[int, ...]] | None:
        """GPUs for each share; a node may hold more pods than Python nests calls."""
        taken: list[tuple[int, ...]] = []
        turns: list[tuple[object, Iterator[tuple[int, ...]]]] = []
        while len(taken) < len(self._asked):
            if len(turns) == len(taken):
                turns.append(self._turn(len(taken), left))
            state, choices = turns[-1]
            chosen = next(choices, None)
            if chosen is not None:
                self._change(left, chosen, self._asked[len(taken)], 1)
                taken.append(chosen)
                continue
            self._dead_ends.add(state)
            turns.pop()
            if not taken:
                return None
            chosen = taken.pop()
            self._change(left, chosen, self._asked[len(taken)], -1)
        return [tuple(self._gpus[place].index for place in chosen) for chosen in taken]

    def _change(self, left: list[Amounts], chosen: Sequence[int], share: GpuShare, sign: int) -> None:
        for place in chosen:
            _take(left[place], share, sign)

    def _turn(self, depth: int, left: list[Amounts]) -> tuple[object, Iterator[tuple[int, ...]]]:
        """How it stands before a share, and the GPUs to try for it."""
        looks = [(self._gpus[place].model, tuple(sorted(amounts.items()))) for place, amounts in enumerate(left)]
        state = depth, tuple(sorted(looks))
        return state, iter(()) if state in self._dead_ends else self._choices(self._asked[depth], left, looks)

    def _choices(self, share: GpuShare, left: Sequence[Amounts], looks: Sequence[object]) -> Iterator[tuple[int, ...]]:
        fits = [
            place
            for place, amounts in enumerate(left)
            if share.likes(self._gpus[place]) and all(amounts.get(name, 0) >= amount for name, amount in share.amounts)
        ]
        fits.sort(key=lambda place: ([left[place][name] for name, _ in share.amounts], place))
        alike: dict[object, list[int]] = {}
        for place in fits:
            alike.setdefault(looks[place], []).append(place)
        for numbers in _splits([len(places) for places in alike.values()], share.count):
            pairs = zip(alike.values(), numbers, strict=True)
            yield tuple(sorted(place for places, number in pairs for place in places[:number]))


def _splits(sizes: Sequence[int], number: int) -> Iterator[tuple[int, ...]]:
    """Ways to take so many from groups of these sizes, as many as can be from the first ones first."""
    if not sizes:
        if not number:
            yield ()
        return
    for first in range(min(sizes[0], number), max(number - sum(sizes[1:]), 0) - 1, -1):
        for others in _splits(sizes[1:], number - first):
            yield first, *others
