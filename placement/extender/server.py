"""Runs the extender: sockets, certificates that rotate, signals, sources of the cluster."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import logging
import signal
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import uvicorn

from placement.extender.app import App
from placement.extender.logs import Identified
from placement.extender.tls import Certificates

_log = logging.getLogger("placement.server")

# How often files that may rotate are looked at, and expired assumptions dropped, in seconds.
_LOOK = 10.0
_TIDY = 1.0
_DRAIN = 5.0

Task = Callable[[], Awaitable[None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Listening:
    """Where and how to listen.

    Attributes
    ----------
    certificate, key : Path or None
        PEM files; both or neither.
    client_ca : Path or None
        Certificates that clients must show one of; None asks for none.
    """

    host: str = "127.0.0.1"
    port: int = 8888
    certificate: Path | None = None
    key: Path | None = None
    client_ca: Path | None = None


async def serve(app: App, listening: Listening, tasks: Sequence[Task] = ()) -> None:
    """Serve until SIGTERM or SIGINT; answers under way are finished first.

    Parameters
    ----------
    tasks : sequence of callable
        What runs beside: sources of the cluster, the look-ahead. One that fails is logged and ends the server.
    """
    certificates = None
    if listening.certificate is not None and listening.key is not None:
        certificates = Certificates(listening.certificate, listening.key, listening.client_ca)
    config = uvicorn.Config(
        Identified(app),
        host=listening.host,
        port=listening.port,
        loop="none",
        http="httptools",
        lifespan="off",
        access_log=False,
        log_config=None,
        server_header=False,
        timeout_graceful_shutdown=int(_DRAIN),
        timeout_keep_alive=120,
    )
    config.load()
    if certificates is not None:
        config.ssl = certificates.context
    server = _Server(config, app)
    running = [asyncio.ensure_future(task()) for task in tasks]
    running.append(asyncio.create_task(_tidy(app, certificates)))
    for task in running:
        task.add_done_callback(lambda done: _ended(done, server))
    try:
        await server.serve()
    finally:
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
    if not server.started:
        raise OSError(f"cannot listen on {listening.host}:{listening.port}")


class _Server(uvicorn.Server):
    """A server that turns unready before it goes, so that nobody is sent to it any more."""

    def __init__(self, config: uvicorn.Config, app: App) -> None:
        super().__init__(config)
        self._app = app

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Turn signals into a shutdown, and do not raise them again afterwards: ending so is what was asked for."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self.handle_exit, number, None)
        try:
            yield
        finally:
            for number in (signal.SIGTERM, signal.SIGINT):
                loop.remove_signal_handler(number)

    async def shutdown(self, sockets: list[object] | None = None) -> None:  # type: ignore[override]
        self._app.stopping = True
        _log.info("stopping")
        await super().shutdown()


def _ended(task: asyncio.Future[None], server: uvicorn.Server) -> None:
    if task.cancelled():
        return
    error = task.exception()
    if error is not None:
        _log.critical("a task failed: %s", error, exc_info=error)
        server.should_exit = True


async def _tidy(app: App, certificates: Certificates | None) -> None:
    verbs = app.verbs
    looked = verbs.clock()
    while True:
        await asyncio.sleep(_TIDY)
        now = verbs.clock()
        verbs.state.expire(now)
        verbs.state.reservations.expire(now)
        if now - looked < _LOOK:
            continue
        looked = now
        verbs.state.compact()
        if certificates is not None:
            try:
                if certificates.reload():
                    _log.info("took over new certificates")
            except OSError as error:
                # Files are written one after the other; the next look finds them whole.
                _log.warning("certificates: %s; the old ones stay", error)


def settle_memory() -> None:
    """Put what is there for good out of the collector's sight: walking it would hold answers up for tens of ms."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 1000)


def run(main: Awaitable[None]) -> None:
    """Run to the end on uvloop if it is there."""
    factory: Callable[[], asyncio.AbstractEventLoop] = asyncio.new_event_loop
    with contextlib.suppress(ImportError):
        import uvloop

        factory = uvloop.new_event_loop
    with contextlib.suppress(KeyboardInterrupt), asyncio.Runner(loop_factory=factory) as runner:
        runner.run(_awaited(main))


async def _awaited(main: Awaitable[None]) -> None:
    await main
