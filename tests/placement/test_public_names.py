import subprocess
import sys
from types import FunctionType

import placement


def test_every_public_name_can_be_imported():
    assert all(getattr(placement, name) is not None for name in placement.__all__)


def test_functions_win_over_modules_of_the_same_name():
    import placement.referee
    import placement.explanation
    import placement.plans

    assert isinstance(placement.plans, FunctionType)
    assert isinstance(placement.referee, FunctionType)
    assert isinstance(placement.explanation, FunctionType)


def test_functions_win_over_modules_that_were_imported_first():
    script = (
        "import placement.plans, placement.referee\n"
        "from placement.plans import Plan\n"
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
