"""Downloads the files of a set from its public origin; each is kept only if its checksum is right."""

from __future__ import annotations

import io
import lzma
import tarfile
from collections.abc import Callable
from http.client import HTTPException
from pathlib import Path, PurePosixPath
from urllib.error import URLError
from urllib.parse import quote
from urllib.request import urlopen

from placement_datasets.errors import FetchError, FormatError
from placement_datasets.sets import DataFile, DataSet, files_of
from placement_datasets.verifying import by_path, contents, is_right, shown

PATIENCE = 60.0
"""Seconds without a byte after which an origin is given up."""

LARGEST = 512 * 2**20
"""Bytes of an answer beyond which it is none of the files."""


def fetch(data_set: DataSet, root: Path, tell: Callable[[str], None], *, origin: str = "") -> int:
    """Bring the files that can be fetched below a folder of all sets; how many were. What is there and right stays.

    Parameters
    ----------
    origin : str
        A mirror to use instead of the set's own.

    Raises
    ------
    FetchError
        If an origin does not answer, or with bytes of another checksum. What came before stays.
    """
    base, fetched = origin or data_set.origin, 0
    sources = _Sources(base)
    for path, files in by_path(files_of(data_set)).items():
        if not all(file.source for file in files):
            continue
        target = root / data_set.folder / path
        if _is_there(target, files):
            continue
        bodies = [sources.body(file) for file in files]
        _write(target, files, bodies)
        fetched += len(files)
        tell(f"{data_set.folder}/{path}: {sum(file.size for file in files):,} bytes, checksum right")
    return fetched


def _is_there(target: Path, files: list[DataFile]) -> bool:
    try:
        there = contents(target)
    except FormatError:  # half a file, or another one
        return False
    return all(file.member in there and is_right(there[file.member], file) for file in files)


class _Sources:
    """What was downloaded, so that an archive is downloaded once for all of its members."""

    def __init__(self, base: str) -> None:
        self._base = base
        self._archives: dict[str, dict[str, bytes]] = {}

    def body(self, file: DataFile) -> bytes:
        """The bytes of a file, as published."""
        address = f"{self._base.rstrip('/')}/{quote(file.source)}"
        body = self._member(address, file) if file.source.endswith(".tar.gz") else _download(address)
        if not is_right(body, file):
            raise FetchError(f"{address}: {shown(file)}: the checksum is another one; nothing of it is kept")
        return body

    def _member(self, address: str, file: DataFile) -> bytes:
        if address not in self._archives:
            self._archives[address] = _unpacked(_download(address), address)
        name = PurePosixPath(file.member).name
        for member, body in self._archives[address].items():
            if PurePosixPath(member).name == name and is_right(body, file):
                return body
        raise FetchError(f"{address}: holds no {name} of the right checksum")


def _download(address: str) -> bytes:
    try:
        with urlopen(address, timeout=PATIENCE) as answer:
            body: bytes = answer.read(LARGEST + 1)
    except (URLError, HTTPException, TimeoutError, ValueError, OSError) as error:
        raise FetchError(f"{address}: {getattr(error, 'reason', error)}") from None
    if len(body) > LARGEST:
        raise FetchError(f"{address}: answers with more than {LARGEST:,} bytes")
    return body


def _unpacked(body: bytes, address: str) -> dict[str, bytes]:
    try:
        with tarfile.open(fileobj=io.BytesIO(body)) as archive:
            members = ((member, archive.extractfile(member)) for member in archive)
            return {member.name: found.read() for member, found in members if found is not None}
    except (tarfile.TarError, EOFError, OSError) as error:
        raise FetchError(f"{address}: {error}") from None


def _write(target: Path, files: list[DataFile], bodies: list[bytes]) -> None:
    """Pack as the name says, under another name first so that no half file is ever taken for a whole one."""
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = target.with_name(f"{target.name}.part")
    try:
        if files[0].member:
            with tarfile.open(draft, "w:xz") as archive:
                for file, body in zip(files, bodies, strict=True):
                    header = tarfile.TarInfo(file.member)
                    header.size = len(body)
                    archive.addfile(header, io.BytesIO(body))
        else:
            draft.write_bytes(lzma.compress(bodies[0]) if target.suffix == ".xz" else bodies[0])
        draft.replace(target)
    except BaseException:  # a full disk, an interruption
        draft.unlink(missing_ok=True)
        raise
