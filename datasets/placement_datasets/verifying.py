"""Whether the files of a set are those that were published, by their checksums."""

from __future__ import annotations

import hashlib
import lzma
import tarfile
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

from placement_datasets.errors import FormatError
from placement_datasets.sets import DataFile, DataSet, files_of


@dataclass(frozen=True, slots=True)
class Verdict:
    """How the files of a set fare.

    Attributes
    ----------
    missing, changed : tuple of str
        Paths; members of archives as ``archive:member``.
    """

    good: int
    missing: tuple[str, ...]
    changed: tuple[str, ...]


def verify(data_set: DataSet, root: Path) -> Verdict:
    """Compare what lies below a folder of all sets with the table of checksums; what cannot be unpacked is changed."""
    missing, changed, good = [], [], 0
    for path, expected in by_path(files_of(data_set)).items():
        try:
            there = contents(root / data_set.folder / path)
        except FormatError:
            changed += [shown(file) for file in expected]
            continue
        for file in expected:
            body = there.get(file.member)
            if body is None:
                missing.append(shown(file))
            elif is_right(body, file):
                good += 1
            else:
                changed.append(shown(file))
    return Verdict(good, tuple(missing), tuple(changed))


def by_path(files: list[DataFile]) -> dict[str, list[DataFile]]:
    """Files by their path: one, or the members of an archive."""
    found: dict[str, list[DataFile]] = defaultdict(list)
    for file in files:
        found[file.path].append(file)
    return found


def contents(path: Path) -> dict[str, bytes]:
    """What a file holds unpacked, under the name ""; of an archive each member. Empty if there is no such file.

    Raises
    ------
    FormatError
        If it is not packed as its name says.
    """
    try:
        if path.name.endswith((".tar.xz", ".tar.gz")):
            with tarfile.open(path) as archive:
                members = ((member, archive.extractfile(member)) for member in archive)
                return {member.name: body.read() for member, body in members if body is not None}
        body = path.read_bytes()
        return {"": lzma.decompress(body) if path.suffix == ".xz" else body}
    except FileNotFoundError:
        return {}
    except (tarfile.TarError, lzma.LZMAError, EOFError, OSError) as error:
        raise FormatError(f"{path}: {error}") from None


def is_right(body: bytes, file: DataFile) -> bool:
    """Whether bytes are those of the file."""
    return hashlib.sha256(body).hexdigest() == file.sha256


def shown(file: DataFile) -> str:
    """A file as people are told of it."""
    return f"{file.path}:{file.member}" if file.member else file.path
