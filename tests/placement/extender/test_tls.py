"""Certificates that are renewed under a server are those of the next handshake."""

from __future__ import annotations

import asyncio
import os
import ssl
import time
from pathlib import Path

import pytest

from placement.extender.tls import Certificates
from tests.placement.extender.certificates import certificate


def replaced(old: tuple[Path, Path], new: tuple[Path, Path]) -> None:
    """Write new files over old ones, as a renewal does."""
    for there, other in zip(old, new, strict=True):
        there.write_bytes(other.read_bytes())
        os.utime(there, (time.time() + 5, time.time() + 5))


async def shaken(certificates: Certificates, trusted: Path, client: tuple[Path, Path] | None = None) -> bool:
    """Whether a client that trusts a certificate, and shows one, is answered."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"hello")
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0, ssl=certificates.context)
    context = ssl.create_default_context(cafile=trusted)
    if client is not None:
        context.load_cert_chain(*client)
    try:
        port = server.sockets[0].getsockname()[1]
        reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=context, server_hostname="localhost")
        said = await reader.read()
        writer.close()
    except OSError:
        return False
    finally:
        server.close()
    return said == b"hello"


def test_shows_the_renewed_certificate_and_no_longer_the_old_one(tmp_path: Path) -> None:
    files, newer = certificate(tmp_path, "server"), certificate(tmp_path, "newer")
    old = tmp_path / "old.pem"
    old.write_bytes(files[0].read_bytes())
    certificates = Certificates(*files)
    assert not certificates.reload()
    assert asyncio.run(shaken(certificates, old))
    replaced(files, newer)
    assert certificates.reload()
    assert asyncio.run(shaken(certificates, newer[0]))
    assert not asyncio.run(shaken(certificates, old))


def test_clients_of_an_authority_that_was_replaced_are_refused_from_then_on(tmp_path: Path) -> None:
    files, one, other = (certificate(tmp_path, name) for name in ("server", "one", "other"))
    trusted = tmp_path / "ca.pem"
    trusted.write_bytes(one[0].read_bytes())
    certificates = Certificates(*files, trusted)
    assert asyncio.run(shaken(certificates, files[0], one))
    assert not asyncio.run(shaken(certificates, files[0], other))
    assert not asyncio.run(shaken(certificates, files[0]))
    replaced((trusted,), (other[0],))  # type: ignore[arg-type]
    assert certificates.reload()
    assert asyncio.run(shaken(certificates, files[0], other))
    assert not asyncio.run(shaken(certificates, files[0], one))


def test_files_that_are_half_written_leave_the_old_certificate_in_place(tmp_path: Path) -> None:
    files, newer = certificate(tmp_path, "server"), certificate(tmp_path, "newer")
    old = tmp_path / "old.pem"
    old.write_bytes(files[0].read_bytes())
    certificates = Certificates(*files)
    replaced(files[:1], newer[:1])  # type: ignore[arg-type]
    with pytest.raises(OSError):
        certificates.reload()
    assert asyncio.run(shaken(certificates, old))
    replaced(files[1:], newer[1:])  # type: ignore[arg-type]
    assert certificates.reload()
    assert asyncio.run(shaken(certificates, newer[0]))
