"""The OpenAPI page is kept: schemathesis asks everything it describes, rightly and wrongly, and judges the answers.

`make fuzz` asks far more, and other things each time.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from hypothesis import settings

from tests.objects import node, pod
from tests.placement.extender.test_serve import serving

# What a page cannot describe are Kubernetes objects: those may be refused though they fit. What proves the bound of a
# plan is read only where the bound is verified. A job that is cancelled can still be asked for, and has no result.
CONFIG = """
[checks]
use_after_free.enabled = false

[[operations]]
include-path = "/api/v1/verdict"
checks.positive_data_acceptance.expected-statuses = ["2xx", "400"]

[[operations]]
include-path = "/api/v1/plan"
checks.positive_data_acceptance.expected-statuses = ["2xx", "400"]
phases.coverage.enabled = {covered}

[[operations]]
include-path-regex = "^/api/v1/(check|explain)$"
checks.positive_data_acceptance.expected-statuses = ["2xx", "400"]
checks.negative_data_rejection.expected-statuses = ["200", "400", "401"]
phases.coverage.enabled = {covered}

[[operations]]
include-path = "/api/v1/jobs/{job}/result"
checks.positive_data_acceptance.expected-statuses = ["2xx", "404", "409", "410"]
"""

# Nothing waits, so plans are made at once, however long they might take.
OBJECTS = [node("a"), node("b", cpu="1"), pod("there", cpu="800m", on="b")]


def test_answers_are_what_the_openapi_page_says(tmp_path: Path) -> None:
    config = tmp_path / "schemathesis.toml"
    anew = not settings.default.derandomize
    # Every way to write a field of a plan or a policy wrongly would take minutes.
    config.write_text(CONFIG.replace("{covered}", str(anew).lower()))
    amount = ["--max-examples", "300", "--max-time", "900"] if anew else ["--max-examples", "5", "--seed", "1"]
    with serving(tmp_path, "--bind", objects=OBJECTS) as server:
        done = subprocess.run(
            [
                *(sys.executable, "-c", "import schemathesis.cli; schemathesis.cli.schemathesis()"),
                *("--config-file", str(config), "run", f"http://127.0.0.1:{server.port}/openapi.json"),
                *("--header", "Authorization: Bearer secret", "--continue-on-failure", "--no-shrink", *amount),
            ],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
        assert server.ask("GET", "/readyz")[0] == 200
    for phase in ("Examples", "Coverage", "Fuzzing", "Stateful"):
        assert f"✅ {phase}" in done.stdout
