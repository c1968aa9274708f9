"""What the documentation says is what happens."""

import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import get_args

import msgspec
import pytest
from typer.main import get_command

from docs.consoles import PICTURE, ROOT, Session, consoles, pages, picture
from placement.cli.app import app
from placement.policy import PRESETS, Policy, TierName, read_policy
from placement.roster import solver_names
from tests.datasets.miniatures import write_all

PAGES = [*pages(), ROOT / "CONTRIBUTING.md"]
COMMANDS = sorted(name for name in get_command(app).commands if name != "version")
WITH_COMMANDS = [page for page in PAGES if consoles(page.read_text())]


def name_of(page):
    return str(page.relative_to(ROOT))


@pytest.mark.parametrize("page", WITH_COMMANDS, ids=name_of)
def test_every_command_prints_what_the_page_shows(page):
    with Session() as session:
        for console in consoles(page.read_text()):
            status, output = session.run(console.command)

            assert type(console)(console.command, output).comparable == console.comparable, (
                f"{name_of(page)}: `{console.command}` prints something else now; `make docs` writes it down"
            )
            assert (status == 2) == output.startswith("placement: ")


def test_the_readme_shows_a_plan_an_explanation_and_a_difference():
    commands = {console.command.split()[1] for console in consoles((ROOT / "README.md").read_text())}

    assert commands == {"plan", "explain", "diff", "check"}


def test_the_picture_is_what_the_terminal_shows_now():
    with Session() as session:
        drawn = picture(lambda command: session.run(command, colour=True))

    assert drawn == PICTURE.read_text(), "`make docs` draws it anew"


def test_the_python_of_the_readme_runs(tmp_path):
    blocks = re.findall(r"^```python\n(.*?)^```$", (ROOT / "README.md").read_text(), re.MULTILINE | re.DOTALL)

    assert len(blocks) == 1
    subprocess.run([sys.executable, "-c", blocks[0]], cwd=tmp_path, check=True)


def test_the_page_on_solvers_lists_those_that_the_command_knows():
    table = re.findall(r"^\| `([a-z][a-z-]*)` \|", (ROOT / "docs/solvers.md").read_text(), re.MULTILINE)

    assert sorted(table) == sorted(solver_names())


def blocks_of(page, language):
    return re.findall(rf"^```{language}\n(.*?)^```$", (ROOT / page).read_text(), re.MULTILINE | re.DOTALL)


@pytest.fixture
def public_sets(tmp_path, monkeypatch):
    """A folder to work in, with all public sets in miniature below it."""
    write_all(tmp_path / "data")
    monkeypatch.setenv("PLACEMENT_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    return tmp_path


def test_the_python_of_the_page_on_benchmarking_solves_and_writes_an_instance(public_sets):
    (block,) = blocks_of("docs/benchmarking.md", "python")

    done = subprocess.run([sys.executable, "-c", block], cwd=public_sets, check=True, capture_output=True, text=True)

    assert done.stdout.startswith("new-a optimal bins 2 proven least (0, 2)")
    assert (public_sets / "new-a.txt").read_text().startswith("Objective: 2")


def test_the_way_from_a_public_set_to_a_table_leads_there(public_sets):
    """All of it but the download: the miniature is in its place, so that checksums are not those of the real files."""
    (way,) = [block for block in blocks_of("docs/benchmarking.md", "sh") if "fetch --to data vectorpacking" in block]
    fetch, export, verify, *rest = way.splitlines()

    status = {
        line: subprocess.run(
            [sys.executable, *shlex.split(line)[1:]], cwd=public_sets, check=False, capture_output=True
        ).returncode
        for line in (verify, *rest)
    }

    assert fetch.startswith("python -m placement_datasets fetch")
    assert export == "export PLACEMENT_DATA=data"
    assert list(status.values()) == [1, *[0] * len(rest)]
    assert sorted(path.name for path in (public_sets / "solutions").iterdir()) == ["new-a.txt", "new-b.txt"]
    assert "| new-a | portfolio |" in (public_sets / "vectorpacking.md").read_text()


def test_the_page_on_benchmarking_names_every_suite_and_only_options_that_exist():
    text = (ROOT / "docs" / "benchmarking.md").read_text()
    rows = re.findall(r"^\| (`.*?`) \|", text, re.MULTILINE)
    suites = {path.stem for path in (ROOT / "benchmarks" / "suites").glob("*.toml")}

    assert {name for row in rows for name in re.findall(r"`(\w+)`", row)} == suites
    for block in blocks_of("docs/benchmarking.md", "sh"):
        for module, command, rest in re.findall(r"^python -m (\w+) (\w+)(.*)$", block, re.MULTILINE):
            offered = subprocess.run(
                [sys.executable, "-m", module, command, "--help"], cwd=ROOT, check=True, capture_output=True, text=True
            ).stdout
            assert [option for option in re.findall(r"--[a-z-]+", rest) if option not in offered] == []


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_link_to_a_file_leads_somewhere(page):
    links = re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text())

    assert [link for link in links if not (page.parent / link).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_make_target_that_is_named_exists(page):
    makefile = (ROOT / "Makefile").read_text()
    named = {target for words in re.findall(r"`make ([a-z -]+)`", page.read_text()) for target in words.split()}

    assert [target for target in named if not re.search(rf"^{target}:", makefile, re.MULTILINE)] == []


@pytest.mark.parametrize("command", COMMANDS)
def test_the_readme_names_every_command_and_only_options_that_exist(command):
    with Session() as session:
        status, offered = session.run(f"placement {command} --help")
    lines = (ROOT / "README.md").read_text().splitlines()
    rows = [line for line in lines if re.match(rf"\| `placement {command}[ `]", line)]

    assert status == 0
    assert rows
    assert all(option in offered for row in rows for option in re.findall(r"--[a-z-]+", row))


def test_the_page_on_policies_names_every_field_and_preset():
    text = (ROOT / "docs" / "policy.md").read_text()
    fields = {field.encode_name for field in msgspec.structs.fields(Policy)} - {"name"}

    assert fields | {"preset"} == set(re.findall(r"^\| `(\w+)` \|", text.split("| tier |")[0], re.MULTILINE))
    assert set(re.findall(r"^\| `(\w+)` \|", text.split("| tier |")[1], re.MULTILINE)) == set(get_args(TierName))
    assert all(f"`{preset}`" in text for preset in PRESETS)


def test_the_policy_that_is_shown_is_one(tmp_path):
    (block,) = re.findall(r"^```toml\n(.*?)^```$", (ROOT / "docs" / "policy.md").read_text(), re.MULTILINE | re.DOTALL)
    (tmp_path / "policy.toml").write_text(block)

    assert read_policy(str(tmp_path / "policy.toml")).node_prices == {"m.4xlarge": 0.77, "gpu-b1": 3.06}


def test_the_help_names_every_solver_and_preset():
    with Session() as session:
        _, offered = session.run("placement plan --help")

    assert all(re.search(rf"\b{re.escape(name)}\b", offered) for name in (*solver_names(), *PRESETS))


def test_the_demo_ends_well_and_explains_the_pod_that_fits_nowhere():
    recipe = subprocess.run(
        [
            "make",
            "--no-print-directory",
            "--dry-run",
            "--assume-old=warm",
            f"BIN={Path(sys.executable).parent}",
            "demo",
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout

    done = subprocess.run(["bash", "-ec", recipe], cwd=ROOT, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr
    for part in ("deployment/front-end", "placed by this plan", "gap", "shop/recommender-0 has no node"):
        assert part in done.stdout


def test_the_examples_cover_what_a_shop_runs():
    kinds = re.findall(r"^kind: (\w+)$", "\n".join(p.read_text() for p in (ROOT / "examples").rglob("*.yaml")), re.M)

    assert {"Deployment", "StatefulSet", "DaemonSet", "Job", "CronJob", "PodDisruptionBudget", "PriorityClass"} <= set(
        kinds
    )
