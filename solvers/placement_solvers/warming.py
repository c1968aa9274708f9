"""All compiled kernels made ready before they are needed: ``python -m placement_solvers.warming``.

Compiling takes a minute or two, once for each installation and kind of processor.
"""

from __future__ import annotations

from placement_solvers.column_generation.warming import load_patterns, load_pricers
from placement_solvers.first_fit.kernels import load_first_fit
from placement_solvers.greedy import warm_up
from placement_solvers.local_search.warming import load_kernels


def load_all() -> None:
    """Load the kernels of greedy, first fit, patterns and local search from disk, or compile and keep them there."""
    warm_up()
    load_first_fit()
    load_patterns()
    load_pricers()
    load_kernels()


if __name__ == "__main__":
    load_all()
