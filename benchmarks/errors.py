"""Errors of the benchmarks.

BenchmarkError
├── UnknownNameError (KeyError)
├── SuiteError (ValueError)
└── RecordError (ValueError)
"""

from __future__ import annotations

from collections.abc import Iterable


class BenchmarkError(Exception):
    """Whatever the benchmarks raise on purpose."""


class UnknownNameError(BenchmarkError, KeyError):
    """There is no suite, instance or solver of that name."""

    def __init__(self, kind: str, name: str, known: Iterable[str]) -> None:
        super().__init__(f"no {kind} {name!r}; expected one of {', '.join(known)}")

    def __str__(self) -> str:
        return str(self.args[0])


class SuiteError(BenchmarkError, ValueError):
    """The file of a suite says something wrong."""


class RecordError(BenchmarkError, ValueError):
    """A line of results is no record of a run."""
