"""Bodies of calls about the waiting pods of a generated cluster."""

from __future__ import annotations

import json
import random
from typing import Any, Literal

Object = dict[str, Any]
Order = Literal["cluster", "rotated", "mixed"]
ORDERS: tuple[Order, ...] = ("cluster", "rotated", "mixed")


def bodies(objects: list[Object], rng: random.Random, *, order: Order, whole: bool, number: int = 100) -> list[bytes]:
    """Bodies for as many waiting pods.

    Parameters
    ----------
    order : str
        Of the names: always the cluster's, begun elsewhere in each call as kube-scheduler does and with a tenth of the
        nodes missing, or mixed anew.
    whole : bool
        Whole nodes instead of names.
    """
    nodes = [one for one in objects if one["kind"] == "Node"]
    waiting = [one for one in objects if one["kind"] == "Pod" and "nodeName" not in one["spec"]]
    found = []
    for pod in rng.sample(waiting, min(number, len(waiting))):
        offered = _in_order(nodes, rng, order)
        asked: Object = {"Pod": pod, "Nodes": None, "NodeNames": None}
        if whole:
            asked["Nodes"] = {"metadata": {}, "items": offered}
        else:
            asked["NodeNames"] = [one["metadata"]["name"] for one in offered]
        found.append(json.dumps(asked, separators=(",", ":")).encode())
    return found


def _in_order(nodes: list[Object], rng: random.Random, order: Order) -> list[Object]:
    if order == "mixed":
        return rng.sample(nodes, len(nodes))
    if order == "rotated":
        start = rng.randrange(len(nodes))
        return [node for node in nodes[start:] + nodes[:start] if rng.random() < 0.9]
    return nodes
