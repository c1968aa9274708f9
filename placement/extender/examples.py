"""Bodies that show on the OpenAPI page what each operation takes."""

from __future__ import annotations

from typing import Any

_NODE: dict[str, Any] = {
    "apiVersion": "v1",
    "kind": "Node",
    "metadata": {"name": "node-1"},
    "status": {"allocatable": {"cpu": "4", "memory": "16Gi", "pods": "110"}},
}
_POD: dict[str, Any] = {
    "apiVersion": "v1",
    "kind": "Pod",
    "metadata": {"name": "web-0", "namespace": "default", "uid": "6e7f0e4c"},
    "spec": {"containers": [{"name": "web", "resources": {"requests": {"cpu": "500m", "memory": "1Gi"}}}]},
}
_OBJECTS = [_NODE, _POD]
_PLAN = {
    "apiVersion": "placement.dev/v1alpha1",
    "kind": "Plan",
    "placements": [{"pod": "default/web-0", "node": "node-1"}],
}
_CALL = {"Pod": _POD, "Nodes": None, "NodeNames": ["node-1"]}

EXAMPLES: dict[str, dict[str, Any]] = {
    "filter": {"names": _CALL, "nodes": {"Pod": _POD, "Nodes": {"items": [_NODE]}, "NodeNames": None}},
    "prioritize": {"names": _CALL},
    "preempt": {
        "uids": {
            "Pod": {**_POD, "spec": {**_POD["spec"], "priority": 1000}},
            "NodeNameToVictims": None,
            "NodeNameToMetaVictims": {"node-1": {"Pods": [{"UID": "a3c9"}], "NumPDBViolations": 0}},
        }
    },
    "bind": {"pod": {"PodName": "web-0", "PodNamespace": "default", "PodUID": "6e7f0e4c", "Node": "node-1"}},
    "plan": {
        "served": {"timeLimit": 2},
        "given": {"objects": _OBJECTS, "policy": "pack", "timeLimit": 1},
        "table": {"objects": _OBJECTS, "policy": {"preset": "pack", "nodePrices": {"node-1": 0.2}}, "timeLimit": 1},
    },
    "check": {"given": {"objects": _OBJECTS, "plan": _PLAN}},
    "explain": {
        "pod": {"objects": _OBJECTS, "pod": "default/web-0"},
        "plan": {"objects": _OBJECTS, "plan": _PLAN},
    },
    "verdict": {"given": {"objects": _OBJECTS, "pod": "default/web-0"}},
}
"""By operation and name."""


def body_of(operation: str, schema: dict[str, Any]) -> dict[str, Any]:
    """What the page says of an operation's body."""
    examples = {name: {"value": value} for name, value in EXAMPLES[operation].items()}
    return {"required": True, "content": {"application/json": {"schema": schema, "examples": examples}}}
