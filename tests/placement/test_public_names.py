import subprocess
import sys
from types import FunctionType

import placement


def test_every_public_name_can_be_imported():
    assert all(getattr(placement, name) is not None for name in placement.__all__)


def test_functions_win_over_modules_of_the_same_name():
    import placement.check
    import placement.explain
    import placement.plan

    assert isinstance(placement.plan, FunctionType)
    assert isinstance(placement.check, FunctionType)
    assert isinstance(placement.explain, FunctionType)


def test_functions_win_over_modules_that_were_imported_first():
    script = (
        "import placement.plan, placement.check\n"
        "from placement.plan import Plan\n"
        "from placement import check, plan\n"
        "print(type(plan).__name__, type(check).__name__, Plan.__name__)"
    )

    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)

    assert done.stdout.split() == ["function", "function", "Plan"]


def test_an_unknown_name_is_an_attribute_error():
    assert not hasattr(placement, "plans")


def test_importing_the_package_loads_nothing_heavy():
    script = "import sys, placement; print(*sys.modules)"

    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)

    assert not {"numpy", "numba", "ortools", "yaml", "rich", "msgspec"} & set(done.stdout.split())
