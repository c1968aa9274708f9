"""The cluster from files: read at the start and again whenever they change."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from pathlib import Path

from placement.errors import InputError
from placement.manifests import read_inventory, require_nodes
from placement.model.inventory import Inventory
from placement.store.state import State

_log = logging.getLogger("placement.files")
_LOOK = 1.0


class FileSource:
    """Keeps a state equal to what files say. Pods bound meanwhile stay assumed; the files know nothing of them.

    Parameters
    ----------
    files : sequence of str
    """

    def __init__(self, files: Sequence[str]) -> None:
        self._files = files
        self._seen = self._stamp()

    def read(self) -> Inventory:
        """What the files say now.

        Raises
        ------
        InputError
            If a file is wrong or there is no node.
        """
        return require_nodes(read_inventory(self._files))

    async def follow(self, state: State, changed: Callable[[], None]) -> None:
        """Take over changes for ever. Files that are wrong are logged, and what was there before stays."""
        while True:
            await asyncio.sleep(_LOOK)
            stamp = self._stamp()
            if stamp == self._seen:
                continue
            self._seen = stamp
            try:
                inventory = await asyncio.to_thread(self.read)
            except InputError as error:
                _log.warning("%s; the cluster stays as it was", error)
                continue
            state.replace_all(inventory)
            changed()
            _log.info("read the cluster again: %d nodes, %d pods", len(inventory.nodes), len(inventory.pods))

    def _stamp(self) -> list[tuple[str, int, int]]:
        found = []
        for name in self._files:
            path = Path(name)
            for one in sorted(path.rglob("*")) if path.is_dir() else [path]:
                try:
                    status = one.stat()
                except OSError:
                    continue
                found.append((str(one), status.st_mtime_ns, status.st_size))
        return found
