"""From bytes or plain dicts to the wire form of one object, with errors that name it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

import msgspec

from placement.errors import InputError
from placement.manifests.assembly import Assembly
from placement.manifests.kinds import KINDS, Kind, group_of, kind_of

# kubectl writes apiVersion and kind first, so most items of a list need not be scanned for their kind.
_START = re.compile(rb'\s*\{\s*"apiVersion"\s*:\s*"([^"\\]*)"\s*,\s*"kind"\s*:\s*"([^"\\]*)"')


class _Header(msgspec.Struct, rename="camel"):
    api_version: str | None = None
    kind: str | None = None


class _RawList(msgspec.Struct):
    items: list[msgspec.Raw] | None = None


class _NamedMetadata(msgspec.Struct):
    name: Any = None
    namespace: Any = None


class _Named(msgspec.Struct):
    metadata: _NamedMetadata | None = None


@cache
def _decoder(kind: str) -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(KINDS[kind].wire)


_ANYTHING = msgspec.json.Decoder(msgspec.Raw)


class TrailingTextError(InputError):
    """More follows after a JSON value: the file may hold several, one after the other."""


_HEADERS = msgspec.json.Decoder(_Header)
_LISTS = msgspec.json.Decoder(_RawList)


def take_json(raw: bytes | memoryview | msgspec.Raw, assembly: Assembly, source: str, default: str = "") -> None:
    """Take one JSON object, or each item if it is a list.

    Parameters
    ----------
    raw : bytes, memoryview or msgspec.Raw
        One JSON value.
    assembly : Assembly
    source : str
        The file's name, for errors.
    default : str
        Kind of an object that names none, as in a ``PodList``.

    Raises
    ------
    InputError
        If it is not JSON, not an object, or a field is wrong.
    """
    match = _START.match(raw)
    if match is not None:
        api_version, name = match[1].decode(errors="replace"), match[2].decode(errors="replace")
    else:
        header = _decoded_header(raw, source)
        api_version, name = header.api_version or "", header.kind or default
    if _is_list(name):
        for item in _decoded(raw, _LISTS, source, name, {}).items or ():
            take_json(item, assembly, source, name.removesuffix("List"))
        return
    kind = _known(api_version, name, assembly, source)
    if kind is None:
        # Skipping must not hide that the text is broken.
        _decoded(raw, _ANYTHING, source, name, {})
    else:
        assembly.take(kind, _decoded(raw, _decoder(kind.name), source, kind.name, raw), source)


def _decoded_header(raw: bytes | memoryview | msgspec.Raw, source: str) -> _Header:
    try:
        return _HEADERS.decode(raw)
    except msgspec.ValidationError as error:
        raise _fault(error, source, "") from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise broken(error, source) from None


def _decoded(raw: Any, decoder: msgspec.json.Decoder[Any], source: str, name: str, named: Any) -> Any:
    try:
        return decoder.decode(raw)
    except msgspec.ValidationError as error:
        raise _fault(error, source, _object_name(name, named)) from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise broken(error, source, name) from None


def take_object(written: Any, assembly: Assembly, source: str, default: str = "") -> None:
    """Take one object given as plain dicts and lists, or each item if it is a list.

    Raises
    ------
    InputError
        If it is not a mapping or a field is wrong.
    """
    if not isinstance(written, Mapping):
        raise InputError(f"expected a mapping, got {type(written).__name__}", source=source)
    name = written.get("kind") or default
    api_version = written.get("apiVersion") or ""
    if not isinstance(name, str) or not isinstance(api_version, str):
        raise InputError(f"expected text, got {name!r}", source=source, field="kind")
    if _is_list(name):
        items = written.get("items") or ()
        if not isinstance(items, Iterable) or isinstance(items, (str, Mapping)):
            raise InputError("expected a list", source=source, object=name, field="items")
        for item in items:
            take_object(item, assembly, source, name.removesuffix("List"))
        return
    kind = _known(api_version, name, assembly, source)
    if kind is None:
        return
    try:
        wire = msgspec.convert(written, kind.wire)
    except msgspec.ValidationError as error:
        raise _fault(error, source, _object_name(kind.name, written)) from None
    assembly.take(kind, wire, source)


def _is_list(name: str) -> bool:
    # Some kinds merely end so, as a custom AllowList; only lists of understood kinds are opened.
    return name == "List" or (name.endswith("List") and name.removesuffix("List") in KINDS)


def _known(api_version: str, name: str, assembly: Assembly, source: str) -> Kind | None:
    if not name:
        raise InputError("expected a Kubernetes object, which has a kind", source=source, field="kind")
    kind = kind_of(api_version, name)
    if kind is None:
        assembly.skip(f"{name}.{group_of(api_version)}" if name in KINDS else name)
    return kind


def _object_name(kind: str, written: Any) -> str:
    try:
        if isinstance(written, Mapping):
            named = msgspec.convert(written, _Named)
        else:
            named = msgspec.json.decode(written, type=_Named)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return kind
    meta = named.metadata or _NamedMetadata()
    if not meta.name:
        return kind
    known = KINDS.get(kind)
    namespaced = known is not None and known.namespaced
    return f"{kind} {meta.namespace or 'default'}/{meta.name}" if namespaced else f"{kind} {meta.name}"


def _fault(error: msgspec.ValidationError, source: str, name: str) -> InputError:
    problem, _, path = str(error).partition(" - at `")
    field = path.removesuffix("`").removeprefix("$").removeprefix(".")
    problem = problem[:1].lower() + problem[1:].replace("`", "").replace(" | null", "")
    return InputError(problem, source=source, object=name, field=field)


def broken(error: msgspec.DecodeError | UnicodeDecodeError, source: str, name: str = "") -> InputError:
    """The error for text that is not JSON."""
    text = str(error)
    if "truncated" in text:
        return InputError("the JSON ends in the middle: the file is truncated", source=source, object=name)
    kind = TrailingTextError if "trailing characters" in text else InputError
    return kind(f"not JSON: {text.removeprefix('JSON is malformed: ')}", source=source, object=name)
