"""Remedies applied to Kubernetes objects given as plain dicts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from copy import deepcopy
from typing import Any

from placement.remedies.remedy import Action, Patch, Remedy

MERGE_KEYS = {"containers": ("name",), "initContainers": ("name",), "ports": ("containerPort", "protocol")}
"""Lists whose entries are merged, and the fields that name an entry; all other lists are replaced."""
DEFAULTS = {"protocol": "TCP"}
DIRECTIVE = {"$patch": "replace"}
"""First entry of a list that is to be replaced although the API server would merge it."""


def patched(objects: Iterable[Mapping[str, Any]], remedy: Remedy) -> list[dict[str, Any]]:
    """The objects with a remedy applied; lists among them are opened, none is changed in place.

    Raises
    ------
    ValueError
        If an object that the remedy changes is not there.
    """
    found = [deepcopy(dict(each)) for each in _opened(objects)]
    for patch in remedy.patches:
        if patch.action is Action.CREATE:
            found.append(deepcopy(patch.body))
            continue
        position = next((place for place, each in enumerate(found) if _is_meant(each, patch)), None)
        if position is None:
            raise ValueError(f"no {patch.kind} {patch.name!r} among the objects")
        if patch.action is Action.DELETE:
            del found[position]
        else:
            found[position] = merged(found[position], patch.body)
    return found


def _opened(objects: Iterable[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    for each in objects:
        if str(each.get("kind", "")).endswith("List") and "items" in each:
            yield from _opened(each["items"] or ())
        else:
            yield each


def _is_meant(written: Mapping[str, Any], patch: Patch) -> bool:
    meta = written.get("metadata") or {}
    namespace = meta.get("namespace") or ("default" if patch.namespace else "")
    return (written.get("kind"), namespace, meta.get("name")) == (patch.kind, patch.namespace, patch.name)


def merged(old: Any, patch: Any, key: str = "") -> Any:
    """A value after a strategic merge patch: maps merge, null deletes, lists are replaced but for `MERGE_KEYS`."""
    if isinstance(patch, dict):
        result = dict(old) if isinstance(old, dict) else {}
        for name, value in patch.items():
            if value is None:
                result.pop(name, None)
            else:
                result[name] = merged(result.get(name), value, name)
        return result
    if isinstance(patch, list) and patch[:1] == [DIRECTIVE]:
        return deepcopy(patch[1:])
    if isinstance(patch, list) and key in MERGE_KEYS:
        return _merged_entries(old or [], patch, MERGE_KEYS[key])
    return deepcopy(patch)


def _merged_entries(old: list[Any], patch: list[Any], fields: tuple[str, ...]) -> list[Any]:
    def named(entry: Mapping[str, Any]) -> tuple[Any, ...]:
        return tuple(entry.get(field, DEFAULTS.get(field)) for field in fields)

    result = list(old)
    for entry in patch:
        place = next((at for at, each in enumerate(result) if named(each) == named(entry)), None)
        if place is None:
            result.append(merged({}, entry))
        else:
            result[place] = merged(result[place], entry)
    return result
