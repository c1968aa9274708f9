"""One kept-alive HTTP connection that spends as little time of its own as possible."""

from __future__ import annotations

import socket
import time


class Line:
    """A connection to a server on this machine.

    Requests are built beforehand (`request`) and sent in one piece; answers are read to the end and not decoded. The
    time measured is the server's and the kernel's.
    """

    def __init__(self, port: int, timeout: float = 60.0) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._buffer = bytearray(1 << 20)

    @staticmethod
    def request(verb: str, body: bytes) -> bytes:
        """The whole text of a POST."""
        head = f"POST /{verb} HTTP/1.1\r\nHost: here\r\nContent-Type: application/json\r\nContent-Length: {len(body)}"
        return head.encode() + b"\r\n\r\n" + body

    def ask(self, request: bytes) -> tuple[float, int, bytes]:
        """Seconds from the first byte sent to the last one read, the status, and the body."""
        began = time.perf_counter()
        self._socket.sendall(request)
        buffer, got, head = self._buffer, 0, -1
        while head < 0:
            got += self._read(got)
            head = buffer.find(b"\r\n\r\n", 0, got)
        fields = bytes(buffer[:head]).lower()
        start = fields.index(b"content-length:") + len(b"content-length:")
        whole = head + 4 + int(fields[start : fields.find(b"\r", start) if b"\r" in fields[start:] else None])
        while got < whole:
            got += self._read(got)
        took = time.perf_counter() - began
        return took, int(fields[9:12]), bytes(buffer[head + 4 : whole])

    def _read(self, at: int) -> int:
        if at == len(self._buffer):
            self._buffer.extend(bytes(len(self._buffer)))
        got = self._socket.recv_into(memoryview(self._buffer)[at:])
        if not got:
            raise ConnectionError("the server hung up")
        return got

    def close(self) -> None:
        """Hang up."""
        self._socket.close()
