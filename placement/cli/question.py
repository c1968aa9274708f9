"""What is asked of a cluster as it would be: the options that every such command takes, and what it does with them."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Concatenate

from placement.cli.options import (
    CronRuns,
    Files,
    NoHeaders,
    Output,
    OutputFile,
    OutputFormat,
    PolicyName,
    Seed,
    SolverName,
    TimeLimit,
)

if TYPE_CHECKING:
    from placement.cluster import Cluster
    from placement.scenarios import MakePlan


@dataclass(frozen=True, slots=True)
class Question:
    """The options, by the names that they have on the command line."""

    files: Files
    output: OutputFormat = Output.TABLE
    output_file: OutputFile = None
    no_headers: NoHeaders = False
    cron_runs: CronRuns = 1
    time_limit: TimeLimit = 10.0
    seed: Seed = 0
    solver: SolverName = "auto"
    policy: PolicyName = "default"

    def asked_of(self) -> tuple[Cluster, MakePlan]:
        """The cluster, and what plans it; what no rule judges is said on stderr.

        Raises
        ------
        PolicyError, UnknownSolverError
            If there is no such policy or solver.
        InputError
            If a file cannot be read or is wrong, or none holds a node.
        OSError
            If the answer cannot be written where it is to go.
        """
        from placement.cli.output import note, require_writable
        from placement.cli.planning import chosen_policy, make_plan
        from placement.cli.reading import read_cluster, unjudged

        require_writable(self.output_file)
        chosen = chosen_policy(self.policy, self.solver)
        cluster = read_cluster(self.files, cron_runs=self.cron_runs)
        for notice in unjudged(cluster, running=True):
            note(notice)
        return cluster, partial(
            make_plan, policy=chosen, solver=self.solver, time_limit=self.time_limit, seed=self.seed
        )


def asking(command: Callable[Concatenate[Question, ...], int]) -> Callable[..., int]:
    """A command that takes a question as one whose options are the question's and its own.

    The command line shows FILES, then what is the command's own, then the rest of the question.
    """
    shared = inspect.signature(Question, eval_str=True).parameters
    _, *own = inspect.signature(command, eval_str=True).parameters.values()

    def asked(**options: Any) -> int:
        question = Question(**{name: options.pop(name) for name in shared})
        return command(question, **options)

    first, *rest = shared.values()
    parameters = [each.replace(kind=inspect.Parameter.KEYWORD_ONLY) for each in (first, *own, *rest)]
    asked.__name__, asked.__doc__ = command.__name__, command.__doc__
    asked.__signature__ = inspect.Signature(parameters, return_annotation=int)  # type: ignore[attr-defined]
    asked.__annotations__ = {}  # those of the signature count
    return asked
