"""The server as a process: probes, limits, the planner behind its token, signals, certificates."""

from __future__ import annotations

import http.client
import json
import signal
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.objects import Object, node, pod
from tests.placement.extender.certificates import certificate
from tests.placement.extender.objects import call

OBJECTS = [node("a"), node("b", cpu="1"), pod("there", cpu="800m", on="b"), pod("waiting", cpu="500m")]


class Running:
    """A server and requests to it."""

    def __init__(self, process: subprocess.Popen[bytes], port: int, context: ssl.SSLContext | None = None) -> None:
        self.process = process
        self.port = port
        self.context = context

    def ask(
        self, method: str, path: str, body: bytes | None = None, headers: dict[str, str] | None = None
    ) -> tuple[int, bytes]:
        line: http.client.HTTPConnection
        if self.context is None:
            line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        else:
            line = http.client.HTTPSConnection("localhost", self.port, timeout=20, context=self.context)
        try:
            line.request(method, path, body, headers or {})
            answer = line.getresponse()
            return answer.status, answer.read()
        finally:
            line.close()

    def post(self, path: str, body: Any, token: str = "secret") -> tuple[int, Any]:
        headers = {"Authorization": f"Bearer {token}"}
        status, text = self.ask("POST", path, json.dumps(body).encode(), headers)
        return status, json.loads(text)


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port


@contextmanager
def serving(
    directory: Path,
    *options: str,
    context: ssl.SSLContext | None = None,
    token: bool = True,
    objects: Sequence[Object] = OBJECTS,
) -> Iterator[Running]:
    cluster, secret = directory / "cluster.json", directory / "token"
    cluster.write_text(json.dumps({"apiVersion": "v1", "kind": "List", "items": [*objects]}))
    secret.write_text("secret\n")
    port = free_port()
    command = [sys.executable, "-m", "placement", "serve", "--cluster", str(cluster), "--port", str(port)]
    command += ["--log-format", "json", *options, *(["--api-token-file", str(secret)] if token else [])]
    with (directory / "log").open("wb") as log:
        process = subprocess.Popen(command, stderr=log)
    running = Running(process, port, context)
    try:
        # A first start compiles kernels, which takes a while on a busy machine.
        ready, until = False, time.monotonic() + 300
        while not ready and process.poll() is None and time.monotonic() < until:
            try:
                ready = running.ask("GET", "/readyz")[0] == 200
            except OSError:
                time.sleep(0.1)
        assert ready, (directory / "log").read_text()
        yield running
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with serving(tmp_path_factory.mktemp("server"), "--bind", "--policy", "pack") as running:
        yield running


def test_answers_the_verbs_over_http(server: Running) -> None:
    status, text = server.ask("POST", "/prioritize", call(pod("new", cpu="500m"), ["a", "b"]))
    assert (status, json.loads(text)) == (200, [{"Host": "a", "Score": 0}, {"Host": "b", "Score": 9}])
    status, text = server.ask("POST", "/filter", call(pod("new", cpu="500m"), ["a", "b"]))
    assert status == 200
    assert json.loads(text)["NodeNames"] == ["a"]


def test_probes_say_what_they_looked_at_when_asked(server: Running) -> None:
    for path in ("/livez", "/readyz", "/healthz"):
        assert server.ask("GET", path) == (200, b"ok")
        status, text = server.ask("GET", f"{path}?verbose")
        assert (status, text.splitlines()[-1]) == (200, f"{path[1:]} check passed".encode())


def test_metrics_count_by_verb_and_status(server: Running) -> None:
    server.ask("POST", "/filter", b"{")
    text = server.ask("GET", "/metrics")[1].decode()
    assert 'placement_extender_request_duration_seconds_count{code="400",verb="filter"}' in text
    assert "placement_nodes 2.0" in text


def test_refuses_bodies_that_are_no_calls_in_one_line(server: Running) -> None:
    for verb in ("filter", "prioritize", "preempt", "bind"):
        status, text = server.ask("POST", f"/{verb}", b'{"Pod": 1')
        assert status == 400
        assert list(json.loads(text)) == ["Error"]


def test_refuses_bodies_beyond_the_limit_before_they_are_sent(server: Running) -> None:
    with socket.create_connection(("127.0.0.1", server.port), timeout=5) as line:
        line.sendall(b"POST /filter HTTP/1.1\r\nHost: x\r\nContent-Length: 999999999999\r\n\r\n")
        assert line.recv(64).startswith(b"HTTP/1.1 413 ")


def test_every_verb_and_its_fields_are_on_the_openapi_page(server: Running) -> None:
    page = json.loads(server.ask("GET", "/openapi.json")[1])
    for verb in ("filter", "prioritize", "preempt", "bind"):
        operation = page["paths"][f"/{verb}"]["post"]
        assert {"200", "400", "413"} <= set(operation["responses"])
    fields = page["components"]["schemas"]["FilterResult"]["properties"]
    assert list(fields) == ["Nodes", "NodeNames", "FailedNodes", "FailedAndUnresolvableNodes", "Error"]


def test_the_planner_needs_the_token(server: Running) -> None:
    assert server.post("/api/v1/plan", {}, token="wrong")[0] == 401
    assert server.ask("POST", "/api/v1/plan", b"{}")[0] == 401


def test_plans_checks_explains_and_judges_the_served_cluster(server: Running) -> None:
    status, plan = server.post("/api/v1/plan", {"timeLimit": 1})
    assert (status, plan["kind"], len(plan["placements"])) == (200, "Plan", 1)
    status, report = server.post("/api/v1/check", {"plan": plan})
    assert (status, report["ok"]) == (200, True)
    status, why = server.post("/api/v1/explain", {"pod": "default/waiting", "plan": plan})
    assert (status, why["pod"]) == (200, "default/waiting")
    status, verdict = server.post("/api/v1/verdict", {"pod": "default/waiting"})
    assert (status, verdict["feasible"]) == (200, ["a"])
    assert verdict["infeasible"]["b"]["plugin"] == "NodeResourcesFit"


def test_plans_objects_that_are_posted(server: Running) -> None:
    objects = [node("x"), pod("one"), pod("two")]
    status, plan = server.post("/api/v1/plan", {"objects": objects, "timeLimit": 1})
    assert (status, sorted(one["node"] for one in plan["placements"])) == (200, ["x", "x"])


@pytest.mark.parametrize(
    "body",
    [
        {"objects": []},
        {"objects": [{"kind": "Node"}]},
        {"solver": "magic"},
        {"policy": "/etc/passwd"},
        {"policy": {"preset": "magic"}},
        {"policy": {"tiers": ["price"]}},
        {"policy": {"unknown": 1}},
        {"objects": 1},
        {"objects": [1]},
        {"timeLimit": "long"},
        {"timeLimit": -1},
        {"unknown": 1},
    ],
)
def test_says_what_is_wrong_with_a_request(server: Running, body: Any) -> None:
    status, answer = server.post("/api/v1/plan", body)
    assert (status, list(answer)) == (400, ["Error"])


def test_long_plans_are_jobs_that_are_followed_and_fetched(server: Running) -> None:
    status, job = server.post("/api/v1/plan", {"timeLimit": 20})
    assert status == 202
    bearer = {"Authorization": "Bearer secret"}
    status, text = server.ask("GET", f"/api/v1/jobs/{job['id']}/events", headers=bearer)
    assert (status, text.split(b"\n\n")[-2].splitlines()[0]) == (200, b"event: done")
    status, text = server.ask("GET", f"/api/v1/jobs/{job['id']}/result", headers=bearer)
    assert (status, json.loads(text)["kind"]) == (200, "Plan")
    assert server.ask("GET", "/api/v1/jobs/nothing", headers=bearer)[0] == 404


def test_a_job_can_be_cancelled_and_tells_so_in_its_events(server: Running) -> None:
    objects = [node("x", cpu="500"), *(pod(f"p{number}", cpu=f"{900 + number}m") for number in range(400))]
    status, job = server.post("/api/v1/plan", {"objects": objects, "timeLimit": 600, "solver": "lns"})
    assert status == 202
    bearer = {"Authorization": "Bearer secret"}
    line = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    line.request("GET", f"/api/v1/jobs/{job['id']}/events", headers=bearer)
    events = line.getresponse()
    assert events.readline() == b"event: progress\n"
    progress = json.loads(events.readline().removeprefix(b"data: "))
    assert list(progress) == ["elapsed", "iterations", "cost", "lowerBound"]
    status, text = server.ask("DELETE", f"/api/v1/jobs/{job['id']}", headers=bearer)
    assert (status, json.loads(text)["status"]) == (200, "cancelled")
    assert b"event: cancelled\n" in events.read()
    line.close()
    assert server.ask("GET", f"/api/v1/jobs/{job['id']}/result", headers=bearer)[0] == 410


def test_policies_are_written_into_the_request(server: Running) -> None:
    objects = [node("x"), node("y"), pod("one"), pod("two")]
    nodes = {}
    for preset in ("pack", "spread"):
        asked = {"objects": objects, "timeLimit": 1, "policy": {"preset": preset, "name": f"my-{preset}"}}
        status, plan = server.post("/api/v1/plan", asked)
        assert (status, plan["policy"]) == (200, f"my-{preset}")
        nodes[preset] = len({one["node"] for one in plan["placements"]})
    assert nodes == {"pack": 1, "spread": 2}


def test_explains_plans_and_verifies_what_they_claim(server: Running) -> None:
    _, plan = server.post("/api/v1/plan", {"timeLimit": 1})
    status, whole = server.post("/api/v1/explain", {"plan": plan})
    assert (status, whole["kind"]) == (200, "PlanExplanation")
    status, report = server.post("/api/v1/check", {"plan": plan, "bound": True})
    assert (status, report["ok"], "bound" in report) == (200, True, True)


def test_answers_carry_the_id_of_their_request_and_log_lines_too(tmp_path: Path) -> None:
    with serving(tmp_path) as running:
        line = http.client.HTTPConnection("127.0.0.1", running.port, timeout=20)
        headers = {"X-Request-Id": "mine-1", "Authorization": "Bearer wrong-and-secret"}
        line.request("POST", "/api/v1/plan?key=hidden", b"{}", headers)
        answer = line.getresponse()
        assert (answer.status, answer.getheader("x-request-id")) == (401, "mine-1")
        answer.read()
        ids = set()
        for given in ({}, {"X-Request-Id": 'with spaces and "quotes"'}):
            line.request("POST", "/filter", call(pod("new"), ["a"]), given)
            answer = line.getresponse()
            ids.add(answer.getheader("x-request-id"))
            answer.read()
        assert len(ids) == 2
        assert not any(" " in str(one) for one in ids)
        line.close()
    log = (tmp_path / "log").read_text()
    lines = [json.loads(one) for one in log.splitlines()]
    (refused,) = [one for one in lines if one.get("request") == "mine-1"]
    assert (refused["method"], refused["path"], refused["status"]) == ("POST", "/api/v1/plan", 401)
    assert refused["seconds"] >= 0
    assert "secret" not in log
    assert "hidden" not in log


def test_the_planner_is_closed_to_the_network_without_a_token(tmp_path: Path) -> None:
    cluster = tmp_path / "cluster.json"
    cluster.write_text(json.dumps({"apiVersion": "v1", "kind": "List", "items": OBJECTS}))
    with serving(tmp_path, "--host", "0.0.0.0", token=False) as running:
        assert running.post("/api/v1/plan", {})[0] == 403
        assert running.ask("POST", "/filter", call(pod("new"), ["a"]))[0] == 200
    assert "the planner under /api is closed" in (tmp_path / "log").read_text()
    with serving(tmp_path, token=False) as running:
        assert running.ask("POST", "/api/v1/verdict", b'{"pod": "default/waiting"}')[0] == 200


def test_answers_under_way_are_finished_and_streams_ended_when_told_to_stop(tmp_path: Path) -> None:
    with serving(tmp_path) as running:
        objects = [node("x", cpu="500"), *(pod(f"p{number}", cpu=f"{900 + number}m") for number in range(400))]
        _, job = running.post("/api/v1/plan", {"objects": objects, "timeLimit": 600, "solver": "lns"})
        line = http.client.HTTPConnection("127.0.0.1", running.port, timeout=30)
        line.request("GET", f"/api/v1/jobs/{job['id']}/events", headers={"Authorization": "Bearer secret"})
        assert line.getresponse().readline() == b"event: progress\n"
        running.process.send_signal(signal.SIGTERM)
        assert running.process.wait(15) == 0
        line.close()
    assert all(json.loads(one)["level"] == "info" for one in (tmp_path / "log").read_text().splitlines())


def test_binds_are_assumed_and_may_be_repeated(server: Running) -> None:
    asked = json.dumps({"PodName": "waiting", "PodNamespace": "default", "PodUID": "uid-waiting", "Node": "a"})
    for _ in range(2):
        assert server.ask("POST", "/bind", asked.encode()) == (200, b'{"Error":""}')
    elsewhere = json.dumps({"PodName": "waiting", "PodNamespace": "default", "PodUID": "uid-waiting", "Node": "b"})
    status, refused = server.ask("POST", "/bind", elsewhere.encode())
    told = 'Operation cannot be fulfilled on pods/binding "waiting": pod waiting is already assigned to node "a"'
    assert (status, json.loads(refused)) == (200, {"Error": told})
    other = json.dumps({"PodName": "nobody", "PodNamespace": "default", "PodUID": "", "Node": "a"})
    assert json.loads(server.ask("POST", "/bind", other.encode())[1]) == {"Error": 'pods "nobody" not found'}


def test_ends_in_peace_when_told_to(tmp_path: Path) -> None:
    with serving(tmp_path) as running:
        running.process.send_signal(signal.SIGTERM)
        assert running.process.wait(10) == 0
    assert all(json.loads(line)["level"] == "info" for line in (tmp_path / "log").read_text().splitlines())


def test_takes_over_the_cluster_when_its_file_changes(tmp_path: Path) -> None:
    with serving(tmp_path) as running:
        objects = [*OBJECTS, node("c")]
        (tmp_path / "new").write_text(json.dumps({"apiVersion": "v1", "kind": "List", "items": objects}))
        (tmp_path / "new").replace(tmp_path / "cluster.json")
        for _ in range(60):
            if b"placement_nodes 3.0" in running.ask("GET", "/metrics")[1]:
                break
            time.sleep(0.1)
        assert b"placement_nodes 3.0" in running.ask("GET", "/metrics")[1]


def test_asks_clients_for_a_certificate_where_told_so(tmp_path: Path) -> None:
    pem, key = certificate(tmp_path, "server")
    client_pem, client_key = certificate(tmp_path, "client")
    context = ssl.create_default_context(cafile=pem)
    context.load_cert_chain(client_pem, client_key)
    options = ("--tls-cert", str(pem), "--tls-key", str(key), "--client-ca", str(client_pem))
    with serving(tmp_path, *options, context=context) as running:
        assert running.ask("GET", "/livez") == (200, b"ok")
        running.context = ssl.create_default_context(cafile=pem)
        with pytest.raises(OSError):
            running.ask("GET", "/livez")
