"""What an API server says, into the state: each object once, the newest version of it, whatever the order."""

from __future__ import annotations

import logging
from collections import OrderedDict
from collections.abc import Iterable

import msgspec

from placement.errors import InputError
from placement.extender.metrics import Metrics
from placement.manifests.kinds import KINDS
from placement.store.objects import Key
from placement.store.reader import Reader
from placement.store.state import State

_log = logging.getLogger("placement.watch")

# How many deleted objects are remembered, so that an older event that comes late does not bring them back.
_GONE = 20_000


class _Meta(msgspec.Struct, rename="camel"):
    name: str = ""
    namespace: str = ""
    resource_version: str = ""


class _Object(msgspec.Struct):
    metadata: _Meta = msgspec.field(default_factory=_Meta)


_OBJECTS = msgspec.json.Decoder(_Object)


class Intake:
    """Takes objects and their deletions.

    Versions of one API server grow with time (KEP-5504 made that a promise), so an event whose version is not above
    the one known is old or a duplicate. Versions that are no numbers are taken as they come.
    """

    def __init__(self, state: State, reader: Reader, metrics: Metrics) -> None:
        self._state = state
        self._reader = reader
        self._metrics = metrics
        self._versions: dict[str, dict[Key, int]] = {}
        self._gone: OrderedDict[tuple[str, Key], int] = OrderedDict()

    def put(self, kind: str, raw: bytes | msgspec.Raw) -> Key | None:
        """Take an object that was added or changed; its key, None if it cannot be read at all."""
        try:
            key, version = self._identity(kind, raw)
        except InputError as error:
            self._unreadable(kind, error)
            return None
        known = self._versions.setdefault(kind, {})
        last = max(known.get(key, -1), self._gone.get((kind, key), -1))
        if version is not None and version <= last:
            return key
        try:
            read = self._reader.read(kind, raw)
        except InputError as error:
            # Nothing is known of it any more: what was there before may be wrong by now.
            self._unreadable(kind, error)
            self._state.delete(kind, key)
        else:
            self._state.apply(kind, key, read.model)
        known[key] = -1 if version is None else version
        return key

    def remove(self, kind: str, raw: bytes | msgspec.Raw) -> None:
        """Take the last sight of an object that is gone."""
        try:
            key, version = self._identity(kind, raw)
        except InputError as error:
            self._unreadable(kind, error)
            return
        known = self._versions.setdefault(kind, {})
        if version is not None and version < known.get(key, -1):
            return
        known.pop(key, None)
        self._bury(kind, key, version)
        self._state.delete(kind, key)

    def keep_only(self, kind: str, keys: Iterable[Key], version: str) -> None:
        """Take that a whole list, made at a version, held these objects: all others of the kind are gone."""
        listed = set(keys)
        at = int(version) if version.isdecimal() else None
        for key in self._state.keys(kind):
            if key not in listed:
                self._versions.get(kind, {}).pop(key, None)
                self._bury(kind, key, at)
                self._state.delete(kind, key)

    def _bury(self, kind: str, key: Key, version: int | None) -> None:
        if version is None:
            return
        self._gone[kind, key] = version
        self._gone.move_to_end((kind, key))
        if len(self._gone) > _GONE:
            self._gone.popitem(last=False)

    def _identity(self, kind: str, raw: bytes | msgspec.Raw) -> tuple[Key, int | None]:
        try:
            meta = _OBJECTS.decode(raw).metadata
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise InputError(str(error), object=kind) from None
        if not meta.name:
            raise InputError("expected a name", object=kind, field="metadata.name")
        version = int(meta.resource_version) if meta.resource_version.isdecimal() else None
        namespace = (meta.namespace or "default") if KINDS[kind].namespaced else ""
        return (namespace, meta.name), version

    def _unreadable(self, kind: str, error: InputError) -> None:
        self._metrics.unreadable.labels(kind).inc()
        _log.warning("left out: %s", error)
