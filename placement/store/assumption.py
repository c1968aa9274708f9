"""A pod that is believed to be on its node before anybody has seen it there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from placement.model.inventory import Inventory


@dataclass(frozen=True, slots=True)
class Assumption:
    """A pod that was sent to a node and has not been seen there yet.

    Attributes
    ----------
    until : float
        When it is no longer believed, in seconds of the caller's clock.
    """

    node: str
    until: float


def with_assumed(inventory: Inventory, assumed: Mapping[str, str]) -> Inventory:
    """An inventory in which pods are on the nodes where they are believed to be. O(pods)."""
    pods = dict(inventory.pods)
    for key, node in assumed.items():
        if key in pods:
            pods[key] = replace(pods[key], node=node)
    return replace(inventory, pods=pods)
