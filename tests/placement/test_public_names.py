import subprocess
import sys
from pathlib import Path

import placement


def test_every_public_name_can_be_imported():
    assert all(getattr(placement, name) is not None for name in placement.__all__)


def test_no_module_hides_a_function_of_the_same_name():
    modules = {Path(each.name).stem for each in Path(placement.__file__).parent.iterdir()}

    assert not modules & set(placement.__all__)


def test_an_unknown_name_is_an_attribute_error():
    assert not hasattr(placement, "plannings")


def test_importing_the_package_loads_nothing_heavy():
    script = "import sys, placement; print(*sys.modules)"

    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)

    assert not {"numpy", "numba", "ortools", "yaml", "rich", "msgspec"} & set(done.stdout.split())
