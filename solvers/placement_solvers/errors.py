"""Errors of the solver floor.

SolverError
├── InvalidProblemError (ValueError)
├── InvalidSolutionError (ValueError)
└── UnsupportedProblemError (NotImplementedError)
"""

from __future__ import annotations


class SolverError(Exception):
    """Whatever the solver floor raises on purpose."""


class InvalidProblemError(SolverError, ValueError):
    """An instance contradicts itself: a shape, a sign, an index.

    Attributes
    ----------
    field : str
        Attribute of `Problem` at fault.
    """

    def __init__(self, field: str, message: str) -> None:
        super().__init__(f"{field}: {message}")
        self.field = field


class InvalidSolutionError(SolverError, ValueError):
    """A solution does not fit its problem: a length, a bin that does not exist."""


class UnsupportedProblemError(SolverError, NotImplementedError):
    """A solver was given a family of constraints it does not know."""
