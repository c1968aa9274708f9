"""Errors of the placement floor.

PlacementError
├── InputError (ValueError)         what was read is wrong: file, object, field
│   └── QuantityError               a quantity Kubernetes would refuse
├── PolicyError (ValueError)        a policy file is wrong
├── PlanError (ValueError)          a plan file is wrong, or does not belong to the cluster
├── UnknownPodError (KeyError)      no pod of that name
├── UnknownSolverError (ValueError) no solver of that name
├── UnsuitedSolverError (ValueError)  the solver does not know a rule of this cluster
└── UncheckedPlanError (AssertionError)  a plan failed the independent check: a defect of this program
"""

from __future__ import annotations


class PlacementError(Exception):
    """Whatever the placement floor raises on purpose. Its text is one line."""


class InputError(PlacementError, ValueError):
    """What was read is wrong.

    Attributes
    ----------
    problem : str
        What is wrong and what was expected.
    source : str
        File, or "" if the objects did not come from one.
    object : str
        Kind and name, as ``Pod shop/web-0``, or "".
    field : str
        Path in the object, as ``spec.containers[0].resources.requests.cpu``, or "".
    """

    def __init__(self, problem: str, *, source: str = "", object: str = "", field: str = "") -> None:
        self.problem, self.source, self.object, self.field = problem, source, object, field
        said = ": ".join(part for part in (source, object, field, problem) if part)
        super().__init__(" ".join(said.split()))


class QuantityError(InputError):
    """A quantity Kubernetes would refuse, as ``1.5GiB``."""


class PolicyError(PlacementError, ValueError):
    """A policy file is wrong: which, where, what was expected."""


class PlanError(PlacementError, ValueError):
    """A plan file is wrong or does not belong to this cluster."""


class UnknownPodError(PlacementError, KeyError):
    """The cluster holds no pod of that name."""

    def __str__(self) -> str:
        return str(self.args[0])


class UnknownSolverError(PlacementError, ValueError):
    """There is no solver of that name."""


class UnsuitedSolverError(PlacementError, ValueError):
    """A solver that was asked for by name does not know a rule that this cluster has."""


class UncheckedPlanError(PlacementError, AssertionError):
    """A plan failed the check on Kubernetes objects, so it is not given out. A defect of this program."""
