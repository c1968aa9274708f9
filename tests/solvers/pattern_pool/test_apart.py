"""Choosing patterns in a process of its own: the same answer, and an end when nobody waits."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from ortools.math_opt.python import mathopt

from placement_solvers.pattern_pool.apart import solve_apart


def small() -> tuple[Any, Any]:
    """How often to take two, and three, to make at least seven with least to spare."""
    model = mathopt.Model()
    two, three = (model.add_integer_variable(lb=0, ub=9) for _ in range(2))
    model.add_linear_constraint(2 * two + 3 * three >= 7)
    model.minimize(2 * two + 3 * three)
    return model, (two, three)


def endless() -> Any:
    """A model on which HiGHS has work for minutes."""
    rng, model = random.Random(1), mathopt.Model()
    variables = [model.add_integer_variable(lb=0, ub=9) for _ in range(120)]
    for _ in range(40):
        demanded = mathopt.fast_sum(rng.randint(0, 40) * x for x in variables)
        model.add_linear_constraint(demanded >= rng.randint(900, 2000))
    model.minimize(mathopt.fast_sum(rng.randint(20, 40) * x for x in variables))
    return model


def test_the_answer_is_that_of_the_same_process() -> None:
    model, (two, three) = small()

    result = solve_apart(model, 60.0, lambda: False)

    assert result.termination.reason is mathopt.TerminationReason.OPTIMAL
    assert result.objective_value() == pytest.approx(7)
    assert [round(value) for value in result.variable_values([two, three])] == [2, 1]


def test_the_process_ends_with_the_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[int] = []
    real = subprocess.Popen

    def noted(*arguments: Any, **options: Any) -> Any:
        process = real(*arguments, **options)
        started.append(process.pid)
        return process

    monkeypatch.setattr(subprocess, "Popen", noted)
    looks = iter([False] * 20)

    assert solve_apart(endless(), 600.0, lambda: next(looks, None) is not False) is None
    with pytest.raises(ProcessLookupError):
        os.kill(started[0], 0)


def python_that(does: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "python").write_text(f"#!/bin/sh\n{does}\n")
    (folder / "python").chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(folder / "python"))


def test_a_process_that_fails_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    python_that("echo no such module >&2; exit 3", tmp_path, monkeypatch)

    with pytest.raises(RuntimeError, match="ended with 3: no such module"):
        solve_apart(small()[0], 60.0, lambda: False)


def test_a_process_that_is_killed_is_done_without(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    python_that("kill -9 $$", tmp_path, monkeypatch)

    assert solve_apart(small()[0], 60.0, lambda: False) is None
