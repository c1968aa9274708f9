"""Work in child processes: what comes of it, and what comes of them."""

from __future__ import annotations

import asyncio
import os
from typing import Any

import pytest

from placement.errors import InputError
from placement.extender.forked import RefusedError, WorkError, forked


def test_work_in_a_child_gives_its_result_and_its_progress() -> None:
    told: list[dict[str, Any]] = []

    def work(tell: Any) -> Any:
        tell({"half": 1})
        return {"pid": os.getpid()}

    result = asyncio.run(forked(work, told=told.append))
    assert told == [{"half": 1}]
    assert result["pid"] != os.getpid()


def test_a_child_says_what_was_wrong() -> None:
    def refuses(tell: Any) -> Any:
        raise InputError("the input is wrong")

    def fails(tell: Any) -> Any:
        raise ZeroDivisionError("by zero")

    def dies(tell: Any) -> Any:
        os._exit(3)

    with pytest.raises(RefusedError, match="the input is wrong"):
        asyncio.run(forked(refuses))
    with pytest.raises(WorkError, match="ZeroDivisionError: by zero"):
        asyncio.run(forked(fails))
    with pytest.raises(WorkError, match="the child process died"):
        asyncio.run(forked(dies))


def test_a_child_can_be_ended() -> None:
    def endless(tell: Any) -> Any:
        import time

        time.sleep(60)

    def at_once(child: Any) -> None:
        child.cancel()

    with pytest.raises(WorkError, match="cancelled"):
        asyncio.run(forked(endless, started=at_once))
