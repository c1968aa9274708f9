"""What a search begins with: the start it was given, greedy's answer, and a bound."""

from __future__ import annotations

from placement_solvers.bounds.area import lower_bound
from placement_solvers.bounds.family import best_lower_bound
from placement_solvers.cp_sat.preempting import preempting_plans
from placement_solvers.cp_sat.watch import OnProgress, Watch
from placement_solvers.errors import UnsupportedProblemError
from placement_solvers.first_fit import FirstFit
from placement_solvers.greedy import Greedy
from placement_solvers.greedy.gathering import gather
from placement_solvers.greedy.parameters import GreedyParameters, Order
from placement_solvers.objective import cost_of
from placement_solvers.opening import open_watch
from placement_solvers.problem import Problem
from placement_solvers.solution import Solution
from placement_solvers.stop import StoppingCriterion


def begin(problem: Problem, stop: StoppingCriterion, start: Solution | None, on_progress: OnProgress | None) -> Watch:
    """A watch over a problem that holds the best of `start`, of what greedy makes of it, and of greedy alone.

    Greedy alone mixes classes, and then puts large items first: mixtures strand less, but where little room is left it
    is the large ones that find none. Where there are many resources first fit takes greedy's place, as long as it finds
    room for all items: greedy looks at every resource of every bin, which takes long and there tells it little.

    Without a start it begins with nothing changed, which is always feasible and is all there is where greedy knows no
    way: under rules about the plan as a whole.

    Raises
    ------
    InvalidProblemError
        If the instance contradicts itself.
    InvalidSolutionError
        If `start` speaks of other items or bins.
    UnsupportedProblemError
        If items take devices: neither the program nor greedy knows them.
    """
    watch = open_watch(problem, stop, start, on_progress)
    if problem.devices.asked:
        raise UnsupportedProblemError("the constraint program does not know devices")
    area = lower_bound(problem)
    watch.raise_bound(area)
    if watch.should_end():
        return watch
    first_fit = FirstFit()
    suits = first_fit.suits(problem)
    if suits:
        first_fit.begin(problem, watch)
    if not (suits and watch.solution.placed.all()):
        _ask_greedy(problem, start, watch)
    if not watch.should_end() and not watch.solution.placed.all():
        met = gather(problem)
        if met is not None:
            watch.offer(met, cost_of(problem, met))
    if not watch.proven and not watch.solution.placed.all():
        for solution in preempting_plans(problem):
            watch.offer(solution, cost_of(problem, solution))
    if len(problem.start) == 0 and not watch.should_stop():
        # Where items may go each bin is a type of its own: there the programmes are large and prove little. Elsewhere
        # they give what proves the bound, too, even if the bound is known by now.
        bound = best_lower_bound(problem, by_columns=False, should_stop=watch.should_stop, area=area)
        watch.raise_bound(bound.cost, bound.witness)
    return watch


def _ask_greedy(problem: Problem, start: Solution | None, watch: Watch) -> None:
    mixing, by_size = Greedy(), Greedy(GreedyParameters(order=Order.SIZE))
    tries = [(mixing, None), (by_size, None)]
    for greedy, beginning in tries if start is None else [(mixing, start), *tries]:
        if watch.should_end():
            break
        try:
            found = greedy.solve(problem, lambda _: False, start=beginning)
        except UnsupportedProblemError:
            break
        watch.offer(found.solution, found.cost)
