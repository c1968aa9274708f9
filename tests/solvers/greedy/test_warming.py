from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest

from placement_solvers import compiled
from placement_solvers.greedy import warming
from placement_solvers.greedy.actions import act
from placement_solvers.greedy.placing import place_units, put_all
from placement_solvers.problem import Problem


def test_compiles_each_kernel_once() -> None:
    warming.warm_up()
    assert [len(kernel.signatures) for kernel in (act, place_units, put_all)] == [1, 1, 1]


def test_says_that_it_compiles_only_if_loading_takes_too_long(monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    warming.warm_up()
    warming.warm_up(said.append)
    assert said == []
    tiny = warming._tiny()

    def slowly() -> Problem:
        time.sleep(0.2)
        return tiny

    monkeypatch.setattr(warming, "PATIENCE", 0.01)
    monkeypatch.setattr(warming, "_tiny", slowly)
    warming.warm_up(said.append)
    assert said == ["compiling kernels for this machine, once; this takes about a minute"]


@pytest.mark.parametrize("called", ["kernels/called.py", "random_bits.py"])
def test_compiles_anew_after_a_change_in_a_kernel_that_is_called(tmp_path: Path, called: str) -> None:
    """Numba itself looks only at the file a kernel stands in."""
    solvers = tmp_path / "solvers"
    package = solvers / "kernels"
    package.mkdir(parents=True)
    for path in (solvers, package):
        (path / "__init__.py").touch()
    (solvers / "compiled.py").write_bytes(Path(compiled.__file__).read_bytes())
    (solvers / "random_bits.py").touch()
    module = "solvers." + called.removesuffix(".py").replace("/", ".")
    (package / "outer.py").write_text(
        f"from solvers.compiled import entry\nfrom {module} import called\n\n"
        "@entry\ndef calls(x):\n    return called(x)\n"
    )
    run = [
        sys.executable,
        "-c",
        "from solvers.kernels.outer import calls; print(calls(1), sum(calls.stats.cache_hits.values()))",
    ]
    answers = []
    for answer in (10, 10, 20):
        (solvers / called).write_text(
            f"from solvers.compiled import part\n\n@part\ndef called(x):\n    return {answer}\n"
        )
        answers.append(subprocess.run(run, cwd=tmp_path, capture_output=True, text=True, check=True).stdout.split())
    assert [answer for answer, _ in answers] == ["10", "10", "20"]
    assert [hits for _, hits in answers] == ["0", "1", "0"]
