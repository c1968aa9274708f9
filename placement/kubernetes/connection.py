"""A connection to an API server, its credentials kept fresh by the Kubernetes client library."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Mapping
from typing import Any

import aiohttp
import msgspec
import yaml
from kubernetes_asyncio import config
from kubernetes_asyncio.client import ApiClient, Configuration
from kubernetes_asyncio.config.config_exception import ConfigException

from placement.errors import InputError
from placement.kubernetes.errors import ApiError, GoneError

# A watch that says nothing for longer than its bookmarks are apart is taken for dead.
_SILENCE = 90.0
_CALL = 30.0
_UNAUTHORIZED = 401


class _Status(msgspec.Struct):
    message: str = ""


class Connection:
    """Requests with the credentials of a kubeconfig, or of the pod the process runs in.

    Parameters
    ----------
    context : str, optional
        Of the kubeconfig; the current one by default.
    kubeconfig : str, optional
        File; ``$KUBECONFIG`` or ``~/.kube/config`` by default. Without both and inside a pod, the pod's own account.
    """

    def __init__(self, context: str | None = None, kubeconfig: str | None = None) -> None:
        self._context = context
        self._kubeconfig = kubeconfig
        self._client: ApiClient | None = None
        self._renewing = asyncio.Lock()

    async def open(self) -> None:
        """Read the credentials, running an exec plugin if the kubeconfig names one.

        Raises
        ------
        InputError
            If there are none or they cannot be read.
        """
        configuration = Configuration()
        inside = not (self._context or self._kubeconfig) and "KUBERNETES_SERVICE_HOST" in os.environ
        try:
            if inside:
                config.load_incluster_config(client_configuration=configuration)  # type: ignore[no-untyped-call]
            else:
                await config.load_kube_config(
                    config_file=self._kubeconfig,
                    context=self._context,
                    client_configuration=configuration,
                    persist_config=False,
                )
            client = ApiClient(configuration)
        except (ConfigException, OSError, ValueError, KeyError, AttributeError, TypeError, yaml.YAMLError) as error:
            # The library reads the file as it comes, so what is wrong in it ends in an error of any of these kinds.
            raise InputError(" ".join(str(error).split()), source=self._kubeconfig or "kubeconfig") from None
        old, self._client = self._client, client
        if old is not None:
            await old.close()

    async def close(self) -> None:
        """Let the sockets go."""
        if self._client is not None:
            await self._client.close()
            self._client = None

    async def get(self, path: str, query: Mapping[str, str]) -> bytes:
        """The body of a GET.

        Raises
        ------
        ApiError
            If the server refuses; `GoneError` for 410.
        OSError, aiohttp.ClientError
            If the server cannot be reached.
        """
        async with await self._request("GET", path, query, aiohttp.ClientTimeout(total=_CALL)) as response:
            return await response.read()

    async def post(self, path: str, body: Mapping[str, Any]) -> bytes:
        """The body of the answer to a POST; errors as of `get`."""
        timeout = aiohttp.ClientTimeout(total=_CALL)
        async with await self._request("POST", path, {}, timeout, msgspec.json.encode(body)) as response:
            return await response.read()

    async def patch(self, path: str, body: Mapping[str, Any]) -> bytes:
        """The body of the answer to a merge patch; errors as of `get`."""
        timeout = aiohttp.ClientTimeout(total=_CALL)
        async with await self._request("PATCH", path, {}, timeout, msgspec.json.encode(body)) as response:
            return await response.read()

    async def put(self, path: str, body: Mapping[str, Any]) -> bytes:
        """The body of the answer to a PUT; errors as of `get`."""
        timeout = aiohttp.ClientTimeout(total=_CALL)
        async with await self._request("PUT", path, {}, timeout, msgspec.json.encode(body)) as response:
            return await response.read()

    async def lines(self, path: str, query: Mapping[str, str]) -> AsyncIterator[bytes]:
        """The lines of a watch, until the server ends it; errors as of `get`, and TimeoutError for silence."""
        timeout = aiohttp.ClientTimeout(total=None, sock_connect=_CALL, sock_read=_SILENCE)
        async with await self._request("GET", path, query, timeout) as response:
            rest = bytearray()
            async for chunk in response.content.iter_any():
                rest += chunk
                if b"\n" in chunk:
                    *whole, tail = bytes(rest).split(b"\n")
                    rest = bytearray(tail)
                    for line in whole:
                        if line:
                            yield line

    async def _request(
        self,
        method: str,
        path: str,
        query: Mapping[str, str],
        timeout: aiohttp.ClientTimeout,
        body: bytes | None = None,
    ) -> aiohttp.ClientResponse:
        client = self._client
        try:
            response = await self._tried(client, method, path, query, timeout, body)
        except aiohttp.ClientSSLError:
            # The certificate authority or our certificate was renewed; what is in the files by now may be newer.
            await self._renew(client)
            response = await self._tried(self._client, method, path, query, timeout, body)
        if response.status == _UNAUTHORIZED:
            # So may be the token.
            response.release()
            await self._renew(client)
            response = await self._tried(self._client, method, path, query, timeout, body)
        if response.status < 400:
            return response
        async with response:
            text = (await response.read())[:4096]
        raise (GoneError if response.status == 410 else ApiError)(response.status, _message(text))

    async def _tried(
        self,
        client: ApiClient | None,
        method: str,
        path: str,
        query: Mapping[str, str],
        timeout: aiohttp.ClientTimeout,
        body: bytes | None,
    ) -> aiohttp.ClientResponse:
        if client is None:
            raise ConnectionError("the connection is not open")
        kind = "application/merge-patch+json" if method == "PATCH" else "application/json"
        headers = {"Accept": "application/json", "Content-Type": kind}
        await client.update_params_for_auth(headers, [], ["BearerToken"])
        session: aiohttp.ClientSession = client.rest_client.pool_manager
        url = f"{client.configuration.host}{path}"
        return await session.request(
            method,
            url,
            params=query,
            headers=headers,
            timeout=timeout,
            data=body,
            proxy=client.rest_client.proxy,
            server_hostname=client.rest_client.server_hostname,
        )

    async def _renew(self, refused: ApiClient | None) -> None:
        """Read the credentials anew, once for all requests that were refused with the same ones."""
        async with self._renewing:
            if self._client is refused and refused is not None:
                try:
                    await self.open()
                except InputError as error:
                    # They were readable once, so this passes: a file half written, a plugin that lacks the network.
                    raise ConnectionError(str(error)) from None


def _message(text: bytes) -> str:
    try:
        message = msgspec.json.decode(text, type=_Status).message
    except msgspec.DecodeError:
        message = text.decode(errors="replace")
    return " ".join(message.split())[:200]
