"""Kubernetes objects, as files or dicts, to the model: decoded, defaulted and judged field by field.

What the API server and its admission would fill in is filled in here, so that nothing above needs to know whether
a pod came from a running cluster or from a file nobody has applied yet.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from placement.errors import InputError
from placement.manifests.assembly import Assembly
from placement.manifests.decoding import take_object
from placement.manifests.files import read_inventory
from placement.model.inventory import Inventory

__all__ = ["inventory_of", "read_inventory", "require_nodes"]


def inventory_of(objects: Iterable[Mapping[str, Any]]) -> Inventory:
    """The inventory of Kubernetes objects given as plain dicts; lists among them are opened.

    Parameters
    ----------
    objects : iterable of mapping
        As `json.loads` or a YAML reader gives them.

    Raises
    ------
    InputError
        If an object or field is wrong; the message names both.
    """
    assembly = Assembly()
    for written in objects:
        take_object(written, assembly, "")
    return assembly.finish()


def require_nodes(inventory: Inventory) -> Inventory:
    """The inventory, for callers that cannot do without nodes.

    Raises
    ------
    InputError
        If it holds no node.
    """
    if not inventory.nodes:
        problem = "the cluster has no nodes: expected at least one object of kind Node"
        if inventory.skipped:
            # What was meant as nodes may be among these, and a list that kubectl could not make is a Status.
            found = ", ".join(f"{kind} ({count})" for kind, count in sorted(inventory.skipped.items()))
            problem += f"; kinds that were not understood: {found}"
        raise InputError(problem)
    return inventory
