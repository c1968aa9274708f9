"""What is solved: generated instances, and those of public sets with the judges and formats of their own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from importlib import import_module
from importlib.util import find_spec
from inspect import signature
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, cast

from benchmarks.errors import SuiteError

if TYPE_CHECKING:  # a suite is read, and its names are checked, without numpy
    from placement_solvers.problem import Problem
    from placement_solvers.solution import Solution

READERS = "placement_datasets"


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the set's own evaluator says of a solution.

    Attributes
    ----------
    cost : tuple of int or None
        The last tiers of the cost, as many as the set knows; None if it has no evaluator, or ranks by something else.
    best_known : int or None
        The least cost published, for reports only.
    optimal : bool
        Whether that is proven.
    score : float or None
        What the set ranks by, where that is no tier of the problem.
    """

    cost: tuple[int, ...] | None = None
    violations: tuple[str, ...] = ()
    best_known: int | None = None
    score: float | None = None
    optimal: bool = False


class Instance(Protocol):
    """Something to solve."""

    @property
    def name(self) -> str:
        """The name it goes by in suites and results."""

    def problem(self, seed: int) -> Problem:
        """The problem; generated instances are another one for each seed."""

    @property
    def drawn(self) -> bool:
        """Whether the seed draws the instance."""

    def judge(self, solution: Solution, seed: int) -> Judgement:
        """What others than this project's rules say."""

    def write(self, path: Path, solution: Solution, seed: int) -> None:
        """Write a solution in the format the set is known by."""


@dataclass(frozen=True, slots=True)
class GeneratedInstance:
    """A call of a seeded generator, ``module:function`` of the data floor."""

    name: str
    generator: str
    arguments: Mapping[str, Any] = field(default_factory=dict)

    def problem(self, seed: int) -> Problem:
        module, _, function = self.generator.partition(":")
        try:
            generate = getattr(import_module(f"{READERS}.{module}"), function)
        except (ModuleNotFoundError, AttributeError):
            raise SuiteError(f"{self.name}: no generator {self.generator!r}") from None
        return cast("Problem", generate(**self.arguments, seed=seed))

    @property
    def drawn(self) -> bool:
        return True

    def judge(self, solution: Solution, seed: int) -> Judgement:
        return Judgement()

    def write(self, path: Path, solution: Solution, seed: int) -> None:
        _write_bins(path, solution)


@dataclass(frozen=True, slots=True)
class SetInstance:
    """An instance of a public set, read by the module of that name.

    A reader has ``names()``, ``load(name)``, ``problem(instance)``; where it has ``write_solution(path, bins)``, that
    is the set's format (a format that repeats the instance takes it as a third argument), and where a module
    ``<set>_evaluator`` has ``evaluate(instance, bins)``, that judges: ``violations``, ``cost`` (a number for the last
    tier, a tuple for several, None if it counts otherwise) and, if there is one, ``score``. It says with
    ``MAY_LEAVE_OUT`` that solutions need not place every item. For reports a reader may have ``best_known(name)``,
    ``is_optimal(name)`` (whether that is proven) and ``score(name, cost)``.

    Attributes
    ----------
    drawn : bool
        Whether the set draws an instance for each seed, which it calls ``name-seed``.
    """

    set_name: str
    name: str
    drawn: bool = False

    def problem(self, seed: int) -> Problem:
        reader = _reader(self.set_name)
        return cast("Problem", reader.problem(reader.load(self._called(seed))))

    def judge(self, solution: Solution, seed: int) -> Judgement:
        reader = _reader(self.set_name)
        name = self._called(seed)
        best_known = reader.best_known(name) if hasattr(reader, "best_known") else None
        optimal = best_known is not None and hasattr(reader, "is_optimal") and reader.is_optimal(name)
        if find_spec(f"{READERS}.{self.set_name}_evaluator") is None:
            return Judgement(best_known=best_known, optimal=optimal)
        evaluator = import_module(f"{READERS}.{self.set_name}_evaluator")
        if not (solution.placed.all() or getattr(evaluator, "MAY_LEAVE_OUT", False)):
            return Judgement(violations=(f"{int((~solution.placed).sum())} items are left out",))
        found = evaluator.evaluate(reader.load(name), solution.bin_of.tolist())
        cost = (found.cost,) if isinstance(found.cost, int) else found.cost
        score = getattr(found, "score", None)
        if score is None and cost is not None and hasattr(reader, "score"):
            score = reader.score(name, cost[-1])
        return Judgement(cost, tuple(found.violations), best_known, score, optimal)

    def write(self, path: Path, solution: Solution, seed: int) -> None:
        reader = _reader(self.set_name)
        if not hasattr(reader, "write_solution"):
            _write_bins(path, solution)
        elif len(signature(reader.write_solution).parameters) == 2:
            reader.write_solution(path, solution.bin_of)
        else:
            reader.write_solution(path, solution.bin_of, reader.load(self._called(seed)))

    def _called(self, seed: int) -> str:
        """The name the set knows the instance by."""
        return f"{self.name}-{seed}" if self.drawn else self.name


def described(instance: Instance) -> dict[str, Any]:
    """An instance as JSON can hold it; see `instance_of`."""
    return asdict(cast(Any, instance))


def instance_of(description: Mapping[str, Any]) -> Instance:
    """The instance that `described` wrote down."""
    kind: type[Instance] = SetInstance if "set_name" in description else GeneratedInstance
    return kind(**description)


def names_of_set(set_name: str) -> list[str]:
    """The instances of a public set that are at hand.

    Raises
    ------
    SuiteError
        If there is no reader of that name.
    MissingDataError
        If the set is not on this machine.
    """
    return list(_reader(set_name).names())


def _reader(set_name: str) -> Any:
    try:
        return import_module(f"{READERS}.{set_name}")
    except ModuleNotFoundError:
        raise SuiteError(f"no reader of a set {set_name!r}") from None


def _write_bins(path: Path, solution: Solution) -> None:
    """One line with the bin of each item, -1 for none."""
    path.write_text(" ".join(map(str, solution.bin_of.tolist())) + "\n", encoding="utf-8")
