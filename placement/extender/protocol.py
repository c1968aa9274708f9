"""What kube-scheduler and an extender say to each other (``k8s.io/kube-scheduler/extender/v1``).

The envelope's Go types carry no JSON tags: keys are written exactly as the Go fields are called and read in any case,
the last of several equal ones counting. Inner objects are ordinary API objects.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any, TypeVar

import msgspec

T = TypeVar("T")


class MalformedError(ValueError):
    """A body that is not what the verb takes; the text is one line."""


class HostPriority(msgspec.Struct):
    """``HostPriority``: a node's score, 0 to 10."""

    Host: str
    Score: Annotated[int, msgspec.Meta(ge=0, le=10)]


class MetaPod(msgspec.Struct):
    """``MetaPod``: a victim by its UID."""

    UID: str


class MetaVictims(msgspec.Struct):
    """``MetaVictims``: whom to evict from a node."""

    Pods: list[MetaPod]
    NumPDBViolations: int = 0


class PreemptionResult(msgspec.Struct):
    """``ExtenderPreemptionResult``."""

    NodeNameToMetaVictims: dict[str, MetaVictims]


class BindingArguments(msgspec.Struct):
    """``ExtenderBindingArgs``."""

    PodName: str
    PodNamespace: str
    PodUID: str
    Node: str


class BindingResult(msgspec.Struct):
    """``ExtenderBindingResult``: empty, or why the pod was not bound."""

    Error: str = ""


@dataclass(frozen=True, slots=True)
class Question:
    """A filter or prioritize call, its parts still undecoded.

    Attributes
    ----------
    pod : msgspec.Raw
    names : msgspec.Raw or None
        The JSON list of node names.
    nodes : list of msgspec.Raw or None
        Whole node objects.
    """

    pod: msgspec.Raw
    names: msgspec.Raw | None
    nodes: list[msgspec.Raw] | None


@dataclass(frozen=True, slots=True)
class Candidate:
    """A node on which the scheduler would preempt, with its victims' UIDs."""

    uids: tuple[str, ...]
    violations: int


@dataclass(frozen=True, slots=True)
class PreemptionQuestion:
    """A preempt call."""

    pod: msgspec.Raw
    candidates: dict[str, Candidate]


class _Meta(msgspec.Struct):
    name: str = ""
    uid: str = ""


class _Object(msgspec.Struct):
    metadata: _Meta = msgspec.field(default_factory=_Meta)


class _NodeList(msgspec.Struct):
    items: list[msgspec.Raw] | None = None


_ENVELOPE = msgspec.json.Decoder(dict[str, msgspec.Raw])
_NAMES = msgspec.json.Decoder(list[str])
_OBJECT = msgspec.json.Decoder(_Object)
_NODE_LIST = msgspec.json.Decoder(_NodeList)
_LIST = msgspec.json.Decoder(list[msgspec.Raw])
_TEXT = msgspec.json.Decoder(str)
_COUNT = msgspec.json.Decoder(Annotated[int, msgspec.Meta(ge=-(2**63), le=2**63 - 1)])


def _read(decode: Callable[[Any], T], raw: Any, where: str) -> T:
    try:
        return decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise MalformedError(f"{where}: {' '.join(str(error).split())}") from None


def _envelope(raw: Any, where: str) -> dict[str, msgspec.Raw]:
    found = _read(_ENVELOPE.decode, raw, where)
    folded = {key.lower(): value for key, value in found.items()}
    return {key: value for key, value in folded.items() if not _is_null(value)}


def _is_null(raw: msgspec.Raw) -> bool:
    view = memoryview(raw)
    return view.nbytes == 4 and view.tobytes() == b"null"


def question(body: bytes | bytearray) -> Question:
    """A filter or prioritize call.

    Raises
    ------
    MalformedError
        If the body is not one.
    """
    envelope = _envelope(body, "body")
    pod = envelope.get("pod")
    if pod is None:
        raise MalformedError("Pod: missing")
    if memoryview(pod)[0] != ord("{"):
        raise MalformedError("Pod: expected an object")
    names, nodes = envelope.get("nodenames"), envelope.get("nodes")
    if nodes is None:
        return Question(pod, names, None)
    # Nodes go back as they came, so what the decoder skips has to be text, too.
    _read(lambda raw: memoryview(raw).tobytes().decode(), nodes, "Nodes")
    return Question(pod, names, _read(_NODE_LIST.decode, nodes, "Nodes").items or [])


def names_of(raw: msgspec.Raw | bytes) -> list[str]:
    """Node names.

    Raises
    ------
    MalformedError
        If it is no list of texts.
    """
    return _read(_NAMES.decode, raw, "NodeNames")


def name_of(node: msgspec.Raw) -> str:
    """The name of a node object.

    Raises
    ------
    MalformedError
        If it is no object or has no name.
    """
    name = _read(_OBJECT.decode, node, "Nodes.items").metadata.name
    if not name:
        raise MalformedError("Nodes.items: a node without metadata.name")
    return name


def preemption_question(body: bytes | bytearray) -> PreemptionQuestion:
    """A preempt call, in either of its forms.

    Raises
    ------
    MalformedError
        If the body is not one.
    """
    envelope = _envelope(body, "body")
    pod = envelope.get("pod")
    if pod is None:
        raise MalformedError("Pod: missing")
    candidates: dict[str, Candidate] = {}
    for key, whole in (("nodenametovictims", True), ("nodenametometavictims", False)):
        written = envelope.get(key)
        if written is not None:
            for node, victims in _read(_ENVELOPE.decode, written, key).items():
                candidates[node] = _candidate(victims, whole, f"{key}.{node}")
    return PreemptionQuestion(pod, candidates)


def _candidate(raw: msgspec.Raw, whole: bool, where: str) -> Candidate:
    victims = _envelope(raw, where) if not _is_null(raw) else {}
    written = victims.get("pods")
    pods = _read(_LIST.decode, written, where) if written is not None else []
    uids = []
    for pod in pods:
        if whole:
            uids.append(_read(_OBJECT.decode, pod, where).metadata.uid)
        else:
            uid = _envelope(pod, where).get("uid")
            uids.append(_read(_TEXT.decode, uid, where) if uid is not None else "")
    violations = victims.get("numpdbviolations")
    return Candidate(tuple(uids), 0 if violations is None else _read(_COUNT.decode, violations, where))


def binding_arguments(body: bytes | bytearray) -> BindingArguments:
    """A bind call.

    Raises
    ------
    MalformedError
        If the body is not one or a part is missing.
    """
    envelope = _envelope(body, "body")
    parts = {}
    for name in BindingArguments.__struct_fields__:
        raw = envelope.get(name.lower())
        parts[name] = "" if raw is None else _read(_TEXT.decode, raw, name)
        if not parts[name] and name != "PodUID":
            raise MalformedError(f"{name}: missing")
    return BindingArguments(**parts)
