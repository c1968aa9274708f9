"""The planner's REST interface, asked in the same process."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest
from jsonschema import Draft202012Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

from placement.extender import work
from placement.extender.api import Api
from placement.extender.app import App
from placement.extender.service import is_loopback, warm_up
from placement.extender.verbs import Verbs
from tests.objects import node, pod
from tests.placement.extender.objects import verbs

OBJECTS = [node("a"), node("b", cpu="1"), pod("there", cpu="800m", on="b"), pod("waiting", cpu="500m")]


@pytest.fixture(scope="module", autouse=True)
def warm() -> None:
    warm_up()


def asked(story: Callable[[httpx.AsyncClient, Verbs], Awaitable[None]], closed: bool = False, **settings: Any) -> None:
    """Run a story of a client and a server."""

    async def main() -> None:
        extender = verbs(OBJECTS, **settings)
        app = App(extender)
        Api(app, closed=closed)
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url="http://placement") as client:
            await story(client, extender)

    asyncio.run(main())


def validator(page: dict[str, Any], name: str) -> Draft202012Validator:
    """What judges a body by a schema of the OpenAPI page."""
    resource = Resource.from_contents(page, default_specification=DRAFT202012)
    registry: Registry[Any] = Registry().with_resource("urn:page", resource)
    return Draft202012Validator({"$ref": f"urn:page#/components/schemas/{name}"}, registry=registry)


def test_answers_and_requests_are_what_the_openapi_page_says() -> None:
    async def story(client: httpx.AsyncClient, extender: Verbs) -> None:
        page = (await client.get("/openapi.json")).json()
        plan = (await client.post("/api/v1/plan", json={"timeLimit": 1})).json()
        calls: list[tuple[str, str, str, dict[str, Any]]] = [
            ("plan", "PlanRequest", "Plan", {"timeLimit": 1, "policy": {"preset": "pack"}, "seed": 3}),
            ("plan", "PlanRequest", "Plan", {"objects": OBJECTS, "solver": "greedy", "policy": "spread"}),
            ("check", "CheckRequest", "Report", {"plan": plan, "bound": True}),
            ("explain", "ExplainRequest", "Explanation", {"pod": "default/waiting", "plan": plan}),
            ("explain", "ExplainRequest", "Explanation", {"plan": plan}),
            ("verdict", "VerdictRequest", "PodVerdict", {"pod": "default/waiting", "objects": None}),
            ("verdict", "VerdictRequest", "Problem", {"pod": "default/nobody"}),
        ]
        for verb, request, answer, body in calls:
            operation = page["paths"][f"/api/v1/{verb}"]["post"]
            stated = operation["requestBody"]["content"]["application/json"]["schema"]
            assert stated == {"$ref": f"#/components/schemas/{request}"}
            assert [str(one.message) for one in validator(page, request).iter_errors(body)] == []
            found = await client.post(f"/api/v1/{verb}", json=body)
            assert [str(one.message) for one in validator(page, answer).iter_errors(found.json())] == []
            assert found.status_code == (400 if answer == "Problem" else 200)
            said = operation["responses"][str(found.status_code)]["content"]["application/json"]["schema"]
            assert said == {"$ref": f"#/components/schemas/{answer}"}

    asked(story)


def test_every_reference_on_the_openapi_page_leads_somewhere() -> None:
    async def story(client: httpx.AsyncClient, extender: Verbs) -> None:
        text = (await client.get("/openapi.json")).text
        page = json.loads(text)

        def references(part: Any) -> set[str]:
            if isinstance(part, dict):
                own = {part["$ref"]} if isinstance(part.get("$ref"), str) else set()
                return own.union(*(references(one) for one in part.values()))
            return set().union(*(references(one) for one in part)) if isinstance(part, list) else set()

        known = {f"#/components/schemas/{name}" for name in page["components"]["schemas"]}
        assert references(page) - known == set()
        policy = page["components"]["schemas"]["Policy"]["properties"]
        assert {"tiers", "preset", "nodePrices"} <= set(policy)

    asked(story)


def test_takes_no_more_work_than_there_is_room_for(monkeypatch: pytest.MonkeyPatch) -> None:
    def slow(asked_for: Any, served: Any) -> Any:
        return lambda tell: time.sleep(30)

    monkeypatch.setattr(work, "planned", slow)
    monkeypatch.setattr("placement.extender.api.planned", slow)

    async def story(client: httpx.AsyncClient, extender: Verbs) -> None:
        jobs = []
        for _ in range(2):
            found = await client.post("/api/v1/plan", json={"timeLimit": 60})
            assert found.status_code == 202
            jobs.append(found.headers["location"])
        await asyncio.sleep(0.2)
        refused = await client.post("/api/v1/plan", json={"timeLimit": 60})
        assert (refused.status_code, refused.headers["retry-after"]) == (429, "5")
        assert (await client.post("/api/v1/verdict", json={"pod": "default/waiting"})).status_code == 429
        states = [(await client.get(job)).json()["status"] for job in jobs]
        assert states == ["running", "queued"]
        assert (await client.get(f"{jobs[0]}/result")).status_code == 409
        for job in jobs:
            await client.delete(job)
        for _ in range(300):  # a cancelled job ends when the machine gets to it
            again = await client.post("/api/v1/verdict", json={"pod": "default/waiting"})
            if again.status_code == 200:
                break
            await asyncio.sleep(0.1)
        assert again.status_code == 200

    asked(story, queue=2)


def test_a_job_that_fails_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(asked_for: Any, served: Any) -> Any:
        def fails(tell: Any) -> Any:
            raise ZeroDivisionError("by\nzero")

        return fails

    monkeypatch.setattr("placement.extender.api.planned", failing)

    async def story(client: httpx.AsyncClient, extender: Verbs) -> None:
        job = (await client.post("/api/v1/plan", json={"timeLimit": 60})).headers["location"]
        events = (await client.get(f"{job}/events")).text
        assert events.startswith("event: failed\n")
        state = (await client.get(job)).json()
        assert (state["status"], state["error"]) == ("failed", "ZeroDivisionError: by zero")
        assert (await client.get(f"{job}/result")).status_code == 410
        assert (await client.post("/api/v1/plan", json={"timeLimit": 1})).status_code == 500

    asked(story)


def test_the_served_cluster_is_not_answered_from_before_it_was_read() -> None:
    async def story(client: httpx.AsyncClient, extender: Verbs) -> None:
        extender.ready = False
        assert (await client.post("/api/v1/plan", json={})).status_code == 503
        posted = {"objects": OBJECTS, "pod": "default/waiting"}
        assert (await client.post("/api/v1/verdict", json=posted)).status_code == 200

    asked(story)


def test_bodies_beyond_the_limit_are_refused() -> None:
    async def story(client: httpx.AsyncClient, extender: Verbs) -> None:
        found = await client.post("/api/v1/verdict", content=b'{"pod": "' + b"x" * 2000 + b'"}')
        assert found.status_code == 413

    asked(story, max_body=1000)


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"plan": 1}', b'{"pod": "\xff"}', b"[" * 100_000])
@pytest.mark.parametrize("verb", ["plan", "check", "explain", "verdict"])
def test_what_is_no_request_is_refused_in_one_line(verb: str, body: bytes) -> None:
    async def story(client: httpx.AsyncClient, extender: Verbs) -> None:
        found = await client.post(f"/api/v1/{verb}", content=body)
        assert (found.status_code, list(found.json())) == (400, ["Error"])
        assert "\n" not in found.json()["Error"]

    asked(story)


def test_nothing_is_told_where_the_planner_is_closed() -> None:
    async def story(client: httpx.AsyncClient, extender: Verbs) -> None:
        for verb in ("plan", "check", "explain", "verdict"):
            assert (await client.post(f"/api/v1/{verb}", json={})).status_code == 403
        assert (await client.get("/api/v1/jobs/any")).status_code == 403

    asked(story, closed=True)


def test_addresses_that_only_this_machine_reaches_are_known() -> None:
    assert [is_loopback(host) for host in ("127.0.0.1", "127.8.8.8", "::1", "localhost")] == [True] * 4
    assert [is_loopback(host) for host in ("0.0.0.0", "::", "10.0.0.1", "placement.example", "")] == [False] * 5
