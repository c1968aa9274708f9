"""To which one of its nodes a pod is sent next, where it may be sent to one only.

kube-scheduler tells nobody which of several nodes it chose until the pod is bound, and asks about further pods before
(``schedule_one.go``: binding cycles run beside the next scheduling cycle). Resources it counts itself meanwhile; of
single GPUs it knows nothing. So filter leaves a pod that shares GPUs one node, on which it counts at once.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from placement.predicates.refusal import Refusal

# Not resolvable: nobody is to be evicted where only the turn is another node's.
NOT_ITS_TURN = Refusal(
    "Placement", ("node(s) were passed over, as pods that share GPUs are sent to one node at a time",), resolvable=False
)

_PODS = 5_000


class Turns:
    """Remembers where pods were sent, so that one which comes back is sent elsewhere.

    A pod comes back where an extender that is asked after this one refuses its node, or where binding fails. Sent to
    the same node again it might never run.
    """

    def __init__(self) -> None:
        self._sent: OrderedDict[str, set[str]] = OrderedDict()

    def next(self, pod: str, scores: NDArray[np.int64], name_of: Callable[[int], str]) -> int:
        """The place of the node whose turn it is: the best score of those tried least often. O(nodes log nodes).

        Parameters
        ----------
        pod : str
            What tells the pod from others; the last few thousand are remembered.
        scores : (n,) int64
            Of its nodes, at least one.
        name_of : callable
            The name of the node at a place.
        """
        tried = self._sent.setdefault(pod, set())
        self._sent.move_to_end(pod)
        if len(self._sent) > _PODS:
            self._sent.popitem(last=False)
        order = np.argsort(-scores, kind="stable").tolist() if tried else [int(np.argmax(scores))]
        place = next((each for each in order if name_of(each) not in tried), -1)
        if place < 0:
            tried.clear()
            place = int(order[0])
        tried.add(name_of(place))
        return place
