"""The command that lists, verifies and fetches sets; origins are a server on this machine."""

from __future__ import annotations

import csv
import gzip
import hashlib
import io
import lzma
import os
import subprocess
import sys
import tarfile
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from importlib import import_module

import pytest

from placement_datasets import sets
from placement_datasets.__main__ import main
from placement_datasets.errors import FormatError
from placement_datasets.files import text
from tests.datasets.published import published

PLAIN = b"2\n10\n5\n5\n"
INNER = b"1\n10\n1\n5 1\n"


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *arguments):
        pass


@pytest.fixture
def origin(tmp_path):
    """A server of a plain file and of an archive with a member."""
    folder = tmp_path / "origin"
    (folder / "data").mkdir(parents=True)
    (folder / "a file.txt").write_bytes(PLAIN)
    with tarfile.open(folder / "data" / "all.tar.gz", "w:gz") as archive:
        for name, body in (("deep/down/inner.vbp", INNER), ("deep/other.vbp", PLAIN)):
            header = tarfile.TarInfo(name)
            header.size = len(body)
            archive.addfile(header, io.BytesIO(body))
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=folder))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def table(tmp_path, monkeypatch):
    """Writes the table of checksums that the command goes by."""

    def write(*rows):
        with (tmp_path / "checksums.csv").open("w", newline="") as lines:
            table = csv.writer(lines)
            table.writerow(["folder", "path", "member", "bytes", "sha256", "source"])
            for path, member, body, source in rows:
                table.writerow(["vectorpacking", path, member, len(body), hashlib.sha256(body).hexdigest(), source])
        monkeypatch.setattr(sets, "CHECKSUMS", tmp_path / "checksums.csv")
        sets._table.cache_clear()

    yield write
    sets._table.cache_clear()


ROWS = (
    ("plain.txt.xz", "", PLAIN, "a file.txt"),
    ("instances.tar.xz", "new/inner.vbp", INNER, "data/all.tar.gz"),
    ("by-hand.csv", "", b"x\n", ""),
)


def test_fetches_packs_and_verifies(origin, table, tmp_path, monkeypatch, capsys):
    table(*ROWS)
    folder = tmp_path / "sets" / "vectorpacking"

    assert main(["fetch", "vectorpacking", "--to", str(tmp_path / "sets"), "--origin", origin]) == 0

    said = capsys.readouterr().out
    assert "licence   MIT" in said
    assert "2 files fetched" in said
    assert lzma.decompress((folder / "plain.txt.xz").read_bytes()) == PLAIN
    with tarfile.open(folder / "instances.tar.xz") as archive:
        assert archive.getnames() == ["new/inner.vbp"]
    monkeypatch.setenv("PLACEMENT_DATA", str(tmp_path / "sets"))
    assert main(["verify", "vectorpacking"]) == 1
    assert capsys.readouterr().out == "vectorpacking: 2 right, 1 missing, 0 changed\n  missing  by-hand.csv\n"


def test_what_is_there_and_right_is_not_fetched_again(origin, table, tmp_path, capsys):
    table(*ROWS)
    command = ["fetch", "vectorpacking", "--to", str(tmp_path / "sets"), "--origin", origin]
    main(command)
    capsys.readouterr()

    assert main(command) == 0
    assert "0 files fetched" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (("plain.txt", "", INNER, "a file.txt"), "the checksum is another one; nothing of it is kept"),
        (("plain.txt", "", PLAIN, "no file.txt"), "File not found"),
        (("all.tar.xz", "inner.vbp", PLAIN, "data/all.tar.gz"), "holds no inner.vbp of the right checksum"),
    ],
)
def test_what_is_not_the_published_file_is_not_kept(origin, table, tmp_path, capsys, row, message):
    table(row)

    assert main(["fetch", "vectorpacking", "--to", str(tmp_path / "sets"), "--origin", origin]) == 2

    assert message in capsys.readouterr().err
    assert not list((tmp_path / "sets").rglob("*.*"))


def test_an_interruption_while_packing_leaves_nothing_half_written(origin, table, tmp_path, monkeypatch, capsys):
    def interrupted(body):
        raise KeyboardInterrupt

    table(*ROWS)
    monkeypatch.setattr("placement_datasets.fetching.tarfile.TarInfo", interrupted)

    assert main(["fetch", "vectorpacking", "--to", str(tmp_path / "sets"), "--origin", origin]) == 130

    assert capsys.readouterr().err.count("\n") == 1
    assert [path.name for path in (tmp_path / "sets").rglob("*.*")] == ["plain.txt.xz"]


def test_a_file_that_is_packed_wrongly_inside_is_named(tmp_path):
    packed = bytearray(gzip.compress(PLAIN * 100))
    packed[12:20] = b"\xff" * 8
    (tmp_path / "plain.txt.gz").write_bytes(packed)

    with pytest.raises(FormatError, match=r"plain\.txt\.gz"):
        text(tmp_path / "plain.txt.gz")


def test_an_origin_that_does_not_answer_is_one_line(table, tmp_path, capsys):
    table(*ROWS)

    assert main(["fetch", "vectorpacking", "--to", str(tmp_path), "--origin", "http://127.0.0.1:9"]) == 2

    assert capsys.readouterr().err.count("\n") == 1


def test_verify_names_what_was_changed(table, tmp_path, monkeypatch, capsys):
    table(*ROWS)
    monkeypatch.setenv("PLACEMENT_DATA", str(tmp_path))
    (tmp_path / "vectorpacking").mkdir()
    (tmp_path / "vectorpacking" / "plain.txt.xz").write_bytes(lzma.compress(PLAIN + b"5\n"))

    assert main(["verify", "vectorpacking"]) == 1

    said = capsys.readouterr().out.splitlines()
    assert said[0] == "vectorpacking: 0 right, 2 missing, 1 changed"
    assert "  changed  plain.txt.xz" in said
    assert "  missing  instances.tar.xz:new/inner.vbp" in said


@pytest.mark.parametrize(
    ("command", "message"),
    [
        (["verify", "nowhere"], "no set 'nowhere'; expected one of roadef2012"),
        (["fetch"], "the following arguments are required: SET"),
        (["fetch", "vectorpacking"], "fetch: say --to DIR, or set PLACEMENT_DATA"),
        (["fetch", "vectorpacking", "cloudbalancing", "--to", "x", "--origin", "y"], "the mirror of one set"),
        (["verify"], "PLACEMENT_DATA is not set"),
        (["sing"], "invalid choice: 'sing'"),
    ],
)
def test_a_wrong_command_line_is_one_line_and_status_2(monkeypatch, capsys, command, message):
    monkeypatch.delenv("PLACEMENT_DATA", raising=False)

    try:
        status = main(command)
    except SystemExit as end:
        status = end.code

    assert status == 2
    said = capsys.readouterr().err
    assert message in said
    assert said.count("\n") == 1


@pytest.mark.parametrize("broken", [PLAIN, lzma.compress(PLAIN)[:20], b""])
def test_half_a_file_counts_as_changed_and_is_fetched_anew(origin, table, tmp_path, monkeypatch, capsys, broken):
    table(*ROWS)
    monkeypatch.setenv("PLACEMENT_DATA", str(tmp_path / "sets"))
    folder = tmp_path / "sets" / "vectorpacking"
    folder.mkdir(parents=True)
    (folder / "plain.txt.xz").write_bytes(broken)

    assert main(["verify", "vectorpacking"]) == 1
    assert "  changed  plain.txt.xz" in capsys.readouterr().out
    assert main(["fetch", "vectorpacking", "--origin", origin]) == 0
    assert lzma.decompress((folder / "plain.txt.xz").read_bytes()) == PLAIN


def test_list_shows_licence_and_origin_of_every_set_that_is_read(monkeypatch, tmp_path, capsys):
    monkeypatch.setenv("PLACEMENT_DATA", str(tmp_path))

    assert main(["list"]) == 0

    said = capsys.readouterr().out
    for data_set in sets.SETS:
        assert hasattr(import_module(f"placement_datasets.{data_set.name}"), "names")
        assert f"{data_set.name}: {data_set.title}\n  licence   {data_set.licence}\n  origin    https://" in said
        assert sets.files_of(data_set)


def test_whoever_has_read_enough_of_a_list_is_told_nothing_more(tmp_path):
    reader, writer = os.pipe()
    os.close(reader)

    done = subprocess.run(
        [sys.executable, "-m", "placement_datasets", "list", "openb"],
        env={**os.environ, "PLACEMENT_DATA": str(tmp_path)},
        stdout=writer,
        stderr=subprocess.PIPE,
        check=False,
    )
    os.close(writer)

    assert (done.returncode, done.stderr) == (141, b"")


@published
def test_the_published_sets_are_those_published():
    assert main(["verify"]) == 0
