import os
import subprocess
import sys

import pytest

import placement as package
from placement.cli import exits
from placement.cli.app import main
from placement.errors import UncheckedPlanError


def test_help_loads_nothing_heavy():
    script = (
        "import sys\n"
        "from placement.cli.app import main\n"
        "status = main(['--help'])\n"
        "heavy = {'numpy', 'numba', 'ortools', 'networkx', 'yaml', 'msgspec', 'orjson', 'rich'} & set(sys.modules)\n"
        "sys.exit(status or (f'loaded {sorted(heavy)}' if heavy else 0))"
    )

    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)

    assert (done.returncode, done.stderr) == (0, "")
    assert "explain" in done.stdout


def test_without_a_command_it_prints_the_help(placement):
    done = placement()

    assert done.status == 0
    assert "Usage: placement" in done.out


@pytest.mark.parametrize("arguments", [["version"], ["--version"]])
def test_prints_the_version(placement, arguments):
    assert placement(*arguments).out == f"placement {package.__version__}\n"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nope"], "nope"),
        (["plan"], "FILES"),
        (["plan", "--bogus", "x"], "--bogus"),
        (["plan", "x", "-o", "xml"], "-o"),
        (["plan", "x", "--time-limit", "-1"], "--time-limit"),
        (["plan", "x", "--time-limit", "nan"], "--time-limit"),
        (["plan", "x", "--seed", "-1"], "--seed"),
        (["check", "x"], "--plan"),
        (["explain"], "FILES"),
        (["diff", "only-one"], "PLAN"),
    ],
)
def test_a_wrong_command_line_is_one_line_and_status_2(placement, arguments, said):
    done = placement(*arguments)

    assert done.status == exits.WRONG_INPUT
    assert done.out == ""
    assert done.err.count("\n") == 1
    assert done.err.startswith("placement: ")
    assert said in done.err


def test_kubectl_users_see_kubectls_name(monkeypatch, placement):
    monkeypatch.setattr(sys, "argv", ["/usr/local/bin/kubectl-placement"])

    assert "Usage: kubectl placement" in placement("--help").out


def test_a_plan_that_fails_its_check_is_called_a_defect(monkeypatch, placement, cluster):
    def broken(*arguments, **options):
        raise UncheckedPlanError("the plan fails its check in 1 places: shop/web-0 on node-1: full")

    monkeypatch.setattr("placement.cli.planning.make_plan", broken)

    done = placement("plan", cluster)

    assert done.status == exits.FOUND
    assert done.out == ""
    assert "defect of kube-placement" in done.err


def test_control_characters_of_a_file_do_not_reach_the_terminal(placement, tmp_path):
    done = placement("plan", tmp_path / "\x1b[31m.yaml")

    assert done.status == exits.WRONG_INPUT
    assert "\x1b" not in done.err


def test_a_reader_that_goes_away_ends_the_command_quietly():
    read_end, write_end = os.pipe()
    os.close(read_end)
    script = "import sys\nfrom placement.cli.app import main\nsys.exit(main(['--help']))"

    with os.fdopen(write_end, "wb") as nobody_reads:
        done = subprocess.run(
            [sys.executable, "-c", script], stdout=nobody_reads, stderr=subprocess.PIPE, text=True, check=False
        )

    assert (done.returncode, done.stderr) == (exits.BROKEN_PIPE, "")


def test_a_terminal_that_cannot_show_a_character_gets_an_escape():
    script = "import sys\nfrom placement.cli.app import main\nsys.exit(main(['diff', 'zweifel-ü', 'x']))"
    environment = {**os.environ, "PYTHONIOENCODING": "ascii"}

    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False, env=environment)

    assert done.returncode == exits.WRONG_INPUT
    assert "zweifel-\\xfc: No such file or directory" in done.stderr


def test_an_unwritable_output_file_is_one_line(placement, tmp_path):
    plan = tmp_path / "plan.json"
    plan.write_text('{"apiVersion": "placement.dev/v1alpha1", "kind": "Plan", "status": "unknown"}')

    done = placement("diff", plan, plan, "-o", "json", "--output-file", tmp_path / "no" / "such" / "folder.json")

    assert done.status == exits.WRONG_INPUT
    assert done.err.count("\n") == 1
    assert "No such file or directory" in done.err


def test_main_takes_the_arguments_of_the_process(monkeypatch, capfd):
    monkeypatch.setattr(sys, "argv", ["placement", "version"])

    assert main() == exits.OK
    assert capfd.readouterr().out == f"placement {package.__version__}\n"
