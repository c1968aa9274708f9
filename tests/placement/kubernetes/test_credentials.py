"""Credentials are found wherever clusters' users keep them, and new ones are taken over when the old ones run out."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
import ssl
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import yaml
from aiohttp import web

from placement.errors import InputError
from placement.extender.tls import Certificates
from placement.kubernetes.connection import Connection
from placement.kubernetes.errors import ApiError
from tests.objects import node
from tests.placement.extender.certificates import certificate
from tests.placement.kubernetes.api_server import ApiServer, listening

NODES = "/api/v1/nodes"


@contextlib.asynccontextmanager
async def secured(directory: Path, *, clients: Path | None = None) -> AsyncIterator[tuple[ApiServer, dict[str, Any]]]:
    """A server with a certificate that may ask for clients'; gives it and a kubeconfig to be finished."""
    pem, key = certificate(directory, "server")
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(pem, key)
    if clients is not None:
        context.verify_mode = ssl.CERT_OPTIONAL
        context.load_verify_locations(clients)
    server = ApiServer()
    await server.put("Node", node("a"))
    async with listening(server, directory, context) as config:
        body = yaml.safe_load(config.read_text())
        body["clusters"][1]["cluster"]["certificate-authority"] = str(pem)
        yield server, body


def written(directory: Path, body: dict[str, Any], user: dict[str, Any]) -> str:
    body["users"] = [{"name": "me", "user": user}]
    file = directory / "kubeconfig"
    file.write_text(yaml.safe_dump(body))
    return str(file)


async def answered(config: str | None, context: str | None = None) -> bool:
    connection = Connection(context, config)
    await connection.open()
    try:
        return b'"name": "a"' in await connection.get(NODES, {})
    finally:
        await connection.close()


def plugin(directory: Path, status: str) -> dict[str, Any]:
    """An exec plugin of a user that writes down each call and answers with a status, a Python expression."""
    script = directory / "plugin.py"
    script.write_text(
        "import json, pathlib\n"
        f"calls = pathlib.Path({str(directory / 'calls')!r})\n"
        "calls.write_text((calls.read_text() if calls.exists() else '') + 'x')\n"
        f"print(json.dumps({{'apiVersion': 'client.authentication.k8s.io/v1', 'kind': 'ExecCredential',"
        f" 'status': {status}}}))\n"
    )
    return {
        "exec": {
            "apiVersion": "client.authentication.k8s.io/v1",
            "command": sys.executable,
            "args": [str(script)],
            "interactiveMode": "Never",
        }
    }


def user_token(directory: Path, pem: Path, key: Path) -> dict[str, Any]:
    return {"token": "secret"}


def user_token_file(directory: Path, pem: Path, key: Path) -> dict[str, Any]:
    (directory / "token").write_text("secret")
    return {"tokenFile": str(directory / "token")}


def user_plugin(directory: Path, pem: Path, key: Path) -> dict[str, Any]:
    return plugin(directory, "{'token': 'secret'}")


def user_plugin_with_certificate(directory: Path, pem: Path, key: Path) -> dict[str, Any]:
    parts = f"'clientCertificateData': {pem.read_text()!r}, 'clientKeyData': {key.read_text()!r}"
    return plugin(directory, f"{{{parts}}}")


def user_certificate(directory: Path, pem: Path, key: Path) -> dict[str, Any]:
    return {"client-certificate": str(pem), "client-key": str(key)}


def user_certificate_inline(directory: Path, pem: Path, key: Path) -> dict[str, Any]:
    return {
        "client-certificate-data": base64.b64encode(pem.read_bytes()).decode(),
        "client-key-data": base64.b64encode(key.read_bytes()).decode(),
    }


def by_certificate(request: web.Request) -> bool:
    return bool(request.transport and request.transport.get_extra_info("peercert"))


@pytest.mark.parametrize(
    ("user", "with_certificate"),
    [
        (user_token, False),
        (user_token_file, False),
        (user_plugin, False),
        (user_plugin_with_certificate, True),
        (user_certificate, True),
        (user_certificate_inline, True),
    ],
)
def test_finds_the_credentials_of_a_user(
    tmp_path: Path, user: Callable[[Path, Path, Path], dict[str, Any]], with_certificate: bool
) -> None:
    async def main() -> None:
        pem, key = certificate(tmp_path, "client")
        async with secured(tmp_path, clients=pem) as (server, body):
            if with_certificate:
                server.allows = by_certificate
            assert await answered(written(tmp_path, body, user(tmp_path, pem, key)))
            nobody = {"token": "wrong"}
            with pytest.raises(ApiError, match="401"):
                await answered(written(tmp_path, body, nobody))

    asyncio.run(main())


def test_uses_the_current_context_or_the_one_that_is_named(tmp_path: Path) -> None:
    async def main() -> None:
        async with secured(tmp_path) as (_, body):
            config = written(tmp_path, body, {"token": "secret"})
            assert await answered(config)
            assert await answered(config, "here")
            with pytest.raises(OSError):
                await answered(config, "elsewhere")
            with pytest.raises(InputError, match="nowhere"):
                await answered(config, "nowhere")

    asyncio.run(main())


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{", "kind: Config", "current-context: x\ncontexts: []\nclusters: []\nusers: []", "contexts: 1"],
)
def test_says_in_one_line_what_is_wrong_with_a_kubeconfig(tmp_path: Path, text: str) -> None:
    file = tmp_path / "kubeconfig"
    file.write_text(text)
    with pytest.raises(InputError) as caught:
        asyncio.run(answered(str(file)))
    assert "\n" not in str(caught.value)
    assert str(file) in str(caught.value)


def test_says_what_a_plugin_said_when_it_failed(tmp_path: Path) -> None:
    async def main() -> None:
        async with secured(tmp_path) as (_, body):
            user = {"exec": {"apiVersion": "client.authentication.k8s.io/v1", "command": "false"}}
            with pytest.raises(InputError, match="process returned 1"):
                await answered(written(tmp_path, body, user))
            user["exec"]["command"] = str(tmp_path / "missing")
            with pytest.raises(InputError, match="missing"):
                await answered(written(tmp_path, body, user))

    asyncio.run(main())


def test_asks_the_plugin_once_more_when_its_token_has_run_out(tmp_path: Path) -> None:
    async def main() -> None:
        async with secured(tmp_path) as (server, body):
            token = tmp_path / "plugin-token"
            token.write_text("secret")
            user = plugin(tmp_path, f"{{'token': pathlib.Path({str(token)!r}).read_text()}}")
            connection = Connection(None, written(tmp_path, body, user))
            await connection.open()
            await connection.get(NODES, {})
            server.token = "newer"
            token.write_text("newer")
            await asyncio.gather(*(connection.get(NODES, {}) for _ in range(8)))
            await connection.close()
            # At the start, and once for all eight.
            assert (tmp_path / "calls").read_text() == "xx"

    asyncio.run(main())


def test_a_plugin_that_fails_for_a_while_is_no_reason_to_give_up(tmp_path: Path) -> None:
    async def main() -> None:
        async with secured(tmp_path) as (server, body):
            token = tmp_path / "plugin-token"
            token.write_text("secret")
            user = plugin(tmp_path, f"{{'token': pathlib.Path({str(token)!r}).read_text()}}")
            connection = Connection(None, written(tmp_path, body, user))
            await connection.open()
            server.token = "newer"
            token.unlink()
            with pytest.raises(ConnectionError, match="process returned 1"):
                await connection.get(NODES, {})
            token.write_text("newer")
            assert b'"name": "a"' in await connection.get(NODES, {})
            await connection.close()

    asyncio.run(main())


@pytest.fixture
def account(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where a pod finds its service account's token and certificate authority."""
    place = "kubernetes_asyncio.config.incluster_config.SERVICE_"
    monkeypatch.setattr(f"{place}TOKEN_FILENAME", str(tmp_path / "token"))
    monkeypatch.setattr(f"{place}CERT_FILENAME", str(tmp_path / "ca.crt"))
    return tmp_path


def inside(monkeypatch: pytest.MonkeyPatch, body: dict[str, Any]) -> None:
    host, port = body["clusters"][1]["cluster"]["server"].removeprefix("https://").split(":")
    monkeypatch.setenv("KUBERNETES_SERVICE_HOST", host)
    monkeypatch.setenv("KUBERNETES_SERVICE_PORT", port)


def test_takes_over_the_token_of_its_own_account_when_that_is_renewed(
    account: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def main() -> None:
        async with secured(account) as (server, body):
            inside(monkeypatch, body)
            (account / "ca.crt").write_bytes((account / "server.pem").read_bytes())
            (account / "token").write_text("secret")
            connection = Connection()
            await connection.open()
            assert b'"name": "a"' in await connection.get(NODES, {})
            (account / "token").write_text("newer")
            server.token = "newer"
            assert b'"name": "a"' in await connection.get(NODES, {})
            await connection.close()

    asyncio.run(main())


def test_takes_over_a_renewed_certificate_authority_of_the_cluster(
    account: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def main() -> None:
        pem, key = certificate(account, "server")
        newer, newer_key = certificate(account, "newer")
        certificates = Certificates(pem, key)
        server = ApiServer()
        await server.put("Node", node("a"))
        async with listening(server, account, certificates.context) as config:
            inside(monkeypatch, yaml.safe_load(config.read_text()))
            (account / "ca.crt").write_bytes(pem.read_bytes())
            (account / "token").write_text("secret")
            connection = Connection()
            await connection.open()
            pem.write_bytes(newer.read_bytes())
            key.write_bytes(newer_key.read_bytes())
            assert certificates.reload()
            with pytest.raises(aiohttp.ClientSSLError):
                await connection.get(NODES, {})
            (account / "ca.crt").write_bytes(newer.read_bytes())
            assert json.loads(await connection.get(NODES, {}))["items"]
            await connection.close()

    asyncio.run(main())


def test_without_any_credentials_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(InputError):
        asyncio.run(answered(str(tmp_path / "missing")))
