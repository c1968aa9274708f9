"""A TLS context that takes over renewed certificates without a restart."""

from __future__ import annotations

import ssl
from pathlib import Path


class Certificates:
    """The certificate that is shown and those that clients are asked for, as their files say by now.

    Parameters
    ----------
    certificate, key : Path
        PEM files.
    client_ca : Path, optional
        Certificates that clients must show one of; None asks for none.

    Attributes
    ----------
    context : ssl.SSLContext
        What a server listens with. It hands each handshake on to the context that was made last, as certificates
        can be added to a context but not taken away again.
    """

    def __init__(self, certificate: Path, key: Path, client_ca: Path | None = None) -> None:
        self._certificate, self._key, self._client_ca = certificate, key, client_ca
        self._seen = self._stamp()
        self._current = self.context = self._made()
        # Called in every handshake, whether or not the client names a server.
        self.context.sni_callback = self._hand_on

    def reload(self) -> bool:
        """Read the files if they changed since they were last read; whether they were.

        Raises
        ------
        OSError
            If a file cannot be read or does not hold what it should; `ssl.SSLError` is one. What was read before stays.
        """
        seen = self._stamp()
        if seen == self._seen:
            return False
        self._current = self._made()
        self._seen = seen
        return True

    def _made(self) -> ssl.SSLContext:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.load_cert_chain(self._certificate, self._key)
        if self._client_ca is not None:
            context.verify_mode = ssl.CERT_REQUIRED
            context.load_verify_locations(self._client_ca)
            # A session that was begun under certificates that are gone must not be taken up again.
            context.options |= ssl.OP_NO_TICKET
        return context

    def _hand_on(self, line: ssl.SSLObject, name: str | None, context: ssl.SSLContext) -> None:
        line.context = self._current

    def _stamp(self) -> list[tuple[int, int, str]]:
        files = [file for file in (self._certificate, self._key, self._client_ca) if file is not None]
        return [(file.stat().st_mtime_ns, file.stat().st_size, str(file.resolve())) for file in files]
