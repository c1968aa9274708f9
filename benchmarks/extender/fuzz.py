"""``python -m benchmarks.extender.fuzz``: mutated bodies on each verb, in one process, through the whole application.

Every body has to get status 200, 400 or 413 in time, with an answer of the verb's form that names offered nodes only;
afterwards the state has to be what it was. Prints one JSON line a verb, and appends it to a file with ``--out``. Exit
status: 0 all held, 1 one did not, and the body is printed.
"""

from __future__ import annotations

import argparse
import itertools
import json
import random
import sys
import time
from collections import Counter
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import msgspec

from benchmarks.errors import BenchmarkError
from benchmarks.extender.measurement import Fuzzing, say
from benchmarks.extender.mutations import mutated
from benchmarks.machine import provenance
from placement.extender.app import App
from placement.extender.guidance import Guidance
from placement.extender.names.directory import warm_up as load_names
from placement.extender.preemption import Preemption
from placement.extender.protocol import BindingArguments
from placement.extender.settings import Settings
from placement.extender.verbs import Verbs
from placement.generate import generate
from placement.manifests import inventory_of
from placement.store.reservations import Reservation
from placement.store.state import State

VERBS = ("filter", "prioritize", "preempt", "bind")
_SLOWEST = 2.0
_BETWEEN_CHECKS = 5000
_GOOD = (200, 400, 413)

Object = dict[str, Any]


class FuzzError(BenchmarkError):
    """A body did harm."""


class Target:
    """An application over a small cluster, and well-formed bodies for it.

    Parameters
    ----------
    seed : int
        Of the cluster.
    """

    def __init__(self, seed: int) -> None:
        objects = generate(4, 24, seed, pending=8, load=0.6)
        self.nodes = [one for one in objects if one["kind"] == "Node"]
        self.pods = [one for one in objects if one["kind"] == "Pod"]
        for number, one in enumerate(self.pods):
            one["metadata"]["uid"] = f"uid-{number}"
        for one in objects:
            # Large, and nothing looks at it: mutations are to hit what matters.
            one["metadata"].pop("managedFields", None)
            one.get("status", {}).pop("images", None)
        # As the server does: the first answer is not to wait for a compiler.
        load_names()
        self.verbs = Verbs(State(inventory_of(objects)), settings=Settings(max_body=2**20, deadline=60.0))
        self.verbs.guidance = self._guidance()
        self._keep_room()
        self._app = App(self.verbs, binder=self._bind, preempt=Preemption(self.verbs).preempt)
        self._seen = self._fingerprint()

    def _guidance(self) -> Guidance:
        """Every other waiting pod has a node in a plan; for the first of them room is still to be made."""
        waiting = [key for key, pod in self.verbs.state.objects.pods.items() if not pod.node][::2]
        names = itertools.cycle(self.verbs.state.objects.nodes)
        return Guidance(dict(zip(waiting, names, strict=False)), frozenset(waiting[:1]), gangs=True)

    def _keep_room(self) -> None:
        state = self.verbs.state
        state.reservations.replace(
            (key, Reservation(node, state.objects.pods[key].template, float("inf")))
            for key, node in self.verbs.guidance.node_of.items()
        )

    async def _bind(self, arguments: BindingArguments) -> str:
        pod = self.verbs.state.objects.pods.get(f"{arguments.PodNamespace}/{arguments.PodName}")
        if pod is None:
            return "not found"
        return "" if self.verbs.state.assume(pod, arguments.Node, float("inf")) else "not possible"

    def body(self, verb: str, rng: random.Random) -> bytes:
        """A well-formed body of a verb."""
        return json.dumps(self._body(verb, rng), separators=(",", ":")).encode()

    def _body(self, verb: str, rng: random.Random) -> Object:
        names = [one["metadata"]["name"] for one in self.nodes]
        pod = rng.choice(self.pods)
        match verb:
            case "bind":
                meta = pod["metadata"]
                namespace = meta.get("namespace", "default")
                return {
                    "PodName": meta["name"],
                    "PodNamespace": namespace,
                    "PodUID": meta["uid"],
                    "Node": rng.choice(names),
                }
            case "preempt":
                high = {**pod, "spec": {**pod["spec"], "priority": 10**6, "nodeName": ""}}
                some = rng.sample(names, 2)
                there = {name: [one for one in self.pods if one["spec"].get("nodeName") == name] for name in some}
                if rng.random() < 0.5:
                    victims = {name: {"Pods": pods[:2], "NumPDBViolations": 0} for name, pods in there.items()}
                    return {"Pod": high, "NodeNameToVictims": victims, "NodeNameToMetaVictims": None}
                uids = {name: [{"UID": one["metadata"]["uid"]} for one in pods] for name, pods in there.items()}
                metas = {name: {"Pods": found, "NumPDBViolations": 1} for name, found in uids.items()}
                return {"Pod": high, "NodeNameToVictims": None, "NodeNameToMetaVictims": metas}
            case _:
                offered = rng.sample(self.nodes, rng.randint(0, len(self.nodes)))
                if rng.random() < 0.3:
                    return {"Pod": pod, "Nodes": {"metadata": {}, "items": offered}, "NodeNames": None}
                return {"Pod": pod, "Nodes": None, "NodeNames": [one["metadata"]["name"] for one in offered]}

    def check(self) -> None:
        """Take back what was assumed; all else has to be as it was.

        Raises
        ------
        FuzzError
            If it is not.
        """
        for verb in VERBS:
            if self.verbs.metrics.fail_open.labels(verb, "error")._value.get():
                raise FuzzError(f"{verb} let a call through because of an error of its own")
        state = self.verbs.state
        state.expire(float("inf"))
        self._keep_room()
        if self._fingerprint() != self._seen:
            raise FuzzError("the state is not what it was")

    def _fingerprint(self) -> object:
        state = self.verbs.state
        table = state.snapshot.table
        held = {
            name: (sorted(one.pods), {key: amount for key, amount in one.requested.items() if amount}, dict(one.ports))
            for name, one in state.snapshot.nodes.items()
        }
        columns = (table.room, table.working, table.free("cpu"), table.free("memory"))
        arrays = [column.tolist() for column in columns]
        return sorted(held.items()), arrays, sorted(state.objects.pods), state.num_assumed, state.num_pending

    def ask(self, verb: str, body: bytes) -> tuple[int, bytes]:
        """Status and answer, as a server would get them from the application."""
        said: list[dict[str, Any]] = []

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message: dict[str, Any]) -> None:
            said.append(message)

        scope = {"type": "http", "method": "POST", "path": f"/{verb}", "headers": []}
        _to_the_end(self._app(scope, receive, send))
        return said[0]["status"], said[1]["body"]


def _to_the_end(answering: Coroutine[Any, Any, None]) -> None:
    # Nothing in an answer waits for anything, so no loop is needed to drive it.
    try:
        answering.send(None)
    except StopIteration:
        return
    answering.close()
    raise FuzzError("an answer waits for something")


def fuzz(verb: str, count: int, seed: int) -> Fuzzing:
    """What became of so many mutated bodies.

    Raises
    ------
    FuzzError
        If one did harm.
    """
    ran_on, started, cpu_before = provenance(), time.perf_counter(), time.process_time()
    rng, target = random.Random(f"{verb} {seed}"), Target(seed)
    statuses: Counter[int] = Counter()
    originals: list[bytes] = []
    slowest, num_bytes, num_checks = 0.0, 0, 0
    for number in range(count):
        if number % 200 == 0:
            originals = [target.body(verb, rng) for _ in range(20)]
        body = mutated(rng.choice(originals), rng)
        began = time.process_time()
        try:
            status, answer = target.ask(verb, body)
            if status not in _GOOD:
                raise FuzzError(f"status {status}")
            if status == 200:
                _FORMS[verb](answer, body)
            elif set(json.loads(answer)) != {"Error"} or b"\n" in answer:
                raise FuzzError(f"a refusal in another form: {answer[:200]!r}")
        except Exception as error:
            raise FuzzError(f"{verb}: {type(error).__name__}: {error}; the body was {body!r}") from error
        took = time.process_time() - began
        if took > _SLOWEST:
            raise FuzzError(f"{verb}: {took:.1f} s of the processor for {body!r}")
        statuses[status] += 1
        slowest, num_bytes = max(slowest, took), num_bytes + len(body)
        if number % _BETWEEN_CHECKS == _BETWEEN_CHECKS - 1 or number == count - 1:
            target.check()
            num_checks += 1
    return Fuzzing(
        verb=verb,
        seed=seed,
        bodies=count,
        bytes=num_bytes,
        statuses={str(status): number for status, number in sorted(statuses.items())},
        slowest=round(1e3 * slowest, 3),
        checks=num_checks,
        seconds=round(time.perf_counter() - started, 1),
        cpu_seconds=round(time.process_time() - cpu_before, 1),
        **ran_on,
    )


def _filter_form(answer: bytes, body: bytes) -> None:
    found = json.loads(answer)
    if list(found) != ["Nodes", "NodeNames", "FailedNodes", "FailedAndUnresolvableNodes", "Error"]:
        raise FuzzError(f"fields {list(found)}")
    if found["Error"]:
        return
    if (found["Nodes"] is None) == (found["NodeNames"] is None):
        raise FuzzError("both or neither of Nodes and NodeNames")
    kept = found["NodeNames"] if found["Nodes"] is None else [n["metadata"]["name"] for n in found["Nodes"]["items"]]
    _only_offered("filter", {*kept, *found["FailedNodes"], *found["FailedAndUnresolvableNodes"]}, body)


def _prioritize_form(answer: bytes, body: bytes) -> None:
    found = json.loads(answer)
    if any(set(one) != {"Host", "Score"} or not 0 <= one["Score"] <= 10 for one in found):
        raise FuzzError("no list of hosts and scores of 0 to 10")
    _only_offered("prioritize", {one["Host"] for one in found}, body)


def _preempt_form(answer: bytes, body: bytes) -> None:
    victims = json.loads(answer)["NodeNameToMetaVictims"]
    if not all(one["Pods"] for one in victims.values()):
        raise FuzzError("nodes without victims")
    _only_offered("preempt", set(victims), body)


def _bind_form(answer: bytes, body: bytes) -> None:
    if list(json.loads(answer)) != ["Error"]:
        raise FuzzError("not a binding result")


def _only_offered(verb: str, named: set[str], body: bytes) -> None:
    try:
        asked = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        try:
            # What a verb does not look at may be no text at all.
            asked = json.loads(body.decode(errors="replace"), strict=False)
        except RecursionError:
            return
    folded = {key.lower(): value for key, value in asked.items()}
    parts = {key: value for key, value in folded.items() if value is not None}
    if verb == "preempt":
        offered = {*parts.get("nodenametovictims", ()), *parts.get("nodenametometavictims", ())}
    elif "nodes" in parts:
        offered = {one["metadata"]["name"] for one in parts["nodes"].get("items") or ()}
    else:
        offered = {*parts.get("nodenames", ())}
    if not named <= offered:
        raise FuzzError(f"nodes that were not offered: {named - offered}")


_FORMS: dict[str, Callable[[bytes, bytes], None]] = {
    "filter": _filter_form,
    "prioritize": _prioritize_form,
    "preempt": _preempt_form,
    "bind": _bind_form,
}


def main(arguments: list[str] | None = None) -> int:
    """Run it; the exit status."""
    parser = argparse.ArgumentParser(prog="benchmarks.extender.fuzz", description="Mutated bodies on each verb.")
    parser.add_argument("--count", type=int, default=1_000_000, help="bodies for each verb [%(default)s]")
    parser.add_argument("--verbs", nargs="+", choices=VERBS, default=VERBS)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, help="JSONL to add to, such as benchmarks/results/extender/fuzz.jsonl")
    asked = parser.parse_args(arguments)
    for verb in asked.verbs:
        try:
            say(fuzz(verb, asked.count, asked.seed), asked.out)
        except FuzzError as error:
            print(f"benchmarks: {error}", file=sys.stderr)
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
