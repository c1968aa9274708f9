"""Reads manifests and dumps from files, directories and standard input."""

from __future__ import annotations

import gc
import gzip
import json
import lzma
import re
import sys
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import msgspec
import yaml

from placement.errors import InputError
from placement.manifests.assembly import Assembly
from placement.manifests.decoding import TrailingTextError, broken, take_json, take_object
from placement.model.inventory import Inventory

_SUFFIXES = (".yaml", ".yml", ".json")
_COMPRESSED = (".gz", ".xz")
_ARRAY = re.compile(rb"\s*\[")
_NO_OBJECTS = "no Kubernetes objects"


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]  # libyaml where it is built in
    """A safe loader that leaves timestamps as the text Kubernetes has them in."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def read_inventory(paths: Sequence[Path | str]) -> Inventory:
    """The inventory of files and directories of Kubernetes objects.

    YAML or JSON, of one or many documents, lists, compressed with gzip or xz or not. A directory stands for the
    ``.yaml``, ``.yml`` and ``.json`` files below it, in the order of their paths; ``-`` for standard input.

    Parameters
    ----------
    paths : sequence of Path or str

    Raises
    ------
    InputError
        If a file cannot be read, holds no object, or an object or field is wrong; the message names all three. Also
        if a bound pod names a node that is not there.
    """
    assembly = Assembly()
    sources: list[str] = []
    with _without_collector():
        for path in paths:
            for source, file in _files(path):
                sources.append(source)
                before = assembly.num_objects
                try:
                    _take_bytes(_content(file, source), assembly, source)
                except RecursionError:
                    raise InputError("nested too deeply", source=source) from None
                # A template that renders to nothing may lie about in a directory; a file asked for by name may not.
                if assembly.num_objects == before and file in (None, Path(path)):
                    raise InputError(_NO_OBJECTS, source=source)
        if not assembly.num_objects:
            raise InputError(_NO_OBJECTS, source=", ".join(str(path) for path in paths))
        return assembly.finish(tuple(sources), strict=True)


@contextmanager
def _without_collector() -> Iterator[None]:
    # What is read has no cycles, and walking millions of objects again and again doubles the time.
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def _files(path: Path | str) -> Iterator[tuple[str, Path | None]]:
    if str(path) == "-":
        yield "stdin", None
        return
    path = Path(path)
    if not path.is_dir():
        yield str(path), path
        return
    found = sorted(one for one in path.rglob("*") if _is_manifest(one.name) and one.is_file())
    if not found:
        raise InputError("no .yaml, .yml or .json files in this directory", source=str(path))
    for one in found:
        yield str(one), one


def _is_manifest(name: str) -> bool:
    for ending in _COMPRESSED:
        name = name.removesuffix(ending)
    return name.endswith(_SUFFIXES)


def _content(file: Path | None, source: str) -> bytes:
    try:
        content = sys.stdin.buffer.read() if file is None else file.read_bytes()
    except FileNotFoundError:
        raise InputError("no such file or directory", source=source) from None
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror or error}", source=source) from None
    try:
        if content.startswith(b"\x1f\x8b"):
            return gzip.decompress(content)
        if content.startswith(b"\xfd7zXZ\x00"):
            return lzma.decompress(content)
    except (OSError, EOFError, zlib.error, lzma.LZMAError) as error:
        raise InputError(f"cannot be decompressed: {error}", source=source) from None
    return content


def _take_bytes(content: bytes, assembly: Assembly, source: str) -> None:
    content = content.removeprefix(b"\xef\xbb\xbf")
    start = content[:4096].lstrip()[:1] or content.lstrip()[:1]
    if not start:
        return
    is_yaml = source.endswith((".yaml", ".yml"))
    if start in (b"{", b"[") and not (is_yaml and not _is_json(content)):
        _take_json_text(content, assembly, source)
    else:
        _take_yaml(content, assembly, source)


def _is_json(content: bytes) -> bool:
    # A YAML file may begin with a flow mapping, or with a template's braces.
    try:
        msgspec.json.decode(content, type=msgspec.Raw)
    except msgspec.DecodeError:
        return False
    return True


def _take_json_text(content: bytes, assembly: Assembly, source: str) -> None:
    try:
        # Nothing is taken before the whole value has been seen to end where the file ends.
        _take_value(content, assembly, source)
    except TrailingTextError:
        for value in _concatenated(content, source):
            _take_value(value, assembly, source)


def _take_value(value: bytes, assembly: Assembly, source: str) -> None:
    if _ARRAY.match(value) is None:
        take_json(value, assembly, source)
        return
    try:
        items = msgspec.json.decode(value, type=list[msgspec.Raw])
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise broken(error, source) from None
    for item in items:
        take_json(item, assembly, source)


def _concatenated(content: bytes, source: str) -> Iterator[bytes]:
    # Documents one after the other, on lines of their own or not, as jq and kubectl --watch write them.
    decoder = json.JSONDecoder()
    text = content.decode("utf-8", errors="replace")
    position = 0
    while position < len(text):
        if text[position].isspace():
            position += 1
            continue
        try:
            _, end = decoder.raw_decode(text, position)
        except (json.JSONDecodeError, RecursionError) as error:
            raise InputError(f"not JSON: {error}", source=source) from None
        yield text[position:end].encode()
        position = end


def _take_yaml(content: bytes, assembly: Assembly, source: str) -> None:
    try:
        for document in yaml.load_all(content, Loader=_Loader):  # a safe loader, see above
            if document is not None:
                take_object(document, assembly, source)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = "" if mark is None else f"line {mark.line + 1}, column {mark.column + 1}: "
        hint = "" if mark is None or not _has_tab(content, mark.line) else " (a tab; YAML is indented with spaces)"
        raise InputError(f"{place}{error.problem or error.context}{hint}", source=source) from None
    except yaml.YAMLError as error:
        raise InputError(f"not YAML: {' '.join(str(error).split())}", source=source) from None
    except ValueError as error:
        if isinstance(error, InputError):
            raise
        raise InputError(f"not YAML: {error}", source=source) from None


def _has_tab(content: bytes, line: int) -> bool:
    lines = content.splitlines()
    return line < len(lines) and b"\t" in lines[line]
