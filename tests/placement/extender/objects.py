"""Clusters and calls for tests of the extender."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

from placement.extender.metrics import Metrics
from placement.extender.settings import Settings
from placement.extender.verbs import Verbs
from placement.manifests import inventory_of
from placement.store.state import State
from tests.objects import Object


class Clock:
    """Time that goes as it is told."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.step = 0.0

    def __call__(self) -> float:
        self.now += self.step
        return self.now


def verbs(objects: Iterable[Object], **settings: Any) -> Verbs:
    """Verbs over a cluster, with a clock that stands."""
    return Verbs(State(inventory_of(objects)), settings=Settings(**settings), metrics=Metrics(), clock=Clock())


def call(pod: Object, names: Sequence[str]) -> bytes:
    """The body of a filter or prioritize call."""
    return json.dumps({"Pod": pod, "Nodes": None, "NodeNames": list(names)}).encode()
