from __future__ import annotations

import time

import pytest

from placement_solvers.greedy import warming
from placement_solvers.greedy.kernels import act
from placement_solvers.greedy.placing import place_units, put_all
from placement_solvers.problem import Problem


def test_compiles_each_kernel_once() -> None:
    warming.warm_up()
    assert [len(kernel.signatures) for kernel in (act, place_units, put_all)] == [1, 1, 1]


def test_says_that_it_compiles_only_if_loading_takes_too_long(monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    warming.warm_up()
    warming.warm_up(said.append)
    assert said == []
    tiny = warming._tiny()

    def slowly() -> Problem:
        time.sleep(0.2)
        return tiny

    monkeypatch.setattr(warming, "PATIENCE", 0.01)
    monkeypatch.setattr(warming, "_tiny", slowly)
    warming.warm_up(said.append)
    assert said == ["compiling kernels for this machine, once; this takes about half a minute"]
