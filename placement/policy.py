"""What the planner is asked to optimise: tiers in order, and how ties are filled."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec

from placement.errors import PolicyError
from placement.model.pod import PodTemplate
from placement.model.quantity import millis

TierName = Literal["unplaced", "cardinalities", "nodes", "price", "preferences", "utilisation", "balance"]
Fill = Literal["pack", "spread"]
Count = Annotated[int, msgspec.Meta(ge=0)]
Positive = Annotated[int, msgspec.Meta(ge=1)]
Share = Annotated[float, msgspec.Meta(gt=0, le=1)]

LIKE_KUBE_SCHEDULER: tuple[TierName, ...] = ("unplaced", "cardinalities", "preferences", "utilisation")
PACKING: tuple[TierName, ...] = ("unplaced", "cardinalities", "nodes")
EVEN: tuple[TierName, ...] = ("unplaced", "cardinalities", "utilisation", "balance")


class _Table(msgspec.Struct, frozen=True, rename="camel", kw_only=True, forbid_unknown_fields=True):
    """A table of a policy file: names in camel case, none that is not known."""


class Weights(_Table, frozen=True):
    """What soft terms weigh in the tier "preferences"; 0 leaves a kind of them out.

    Attributes
    ----------
    node_affinity, pod_affinity : int
        Times the weight that is written in the preferred term.
    taints : int
        For each PreferNoSchedule taint that a pod does not tolerate.
    spread : int
        For each pod beyond the skew of a ScheduleAnyway constraint.
    moves : int
        For each running pod that moves, where the policy lets them: so much a move has to earn. Then a ten-thousandth
        of a mean node above its target weighs one.
    """

    node_affinity: Count = 1
    pod_affinity: Count = 1
    taints: Count = 100
    spread: Count = 100
    moves: Count = 100


class Cardinality(_Table, frozen=True):
    """How many pods of one kind should lie in each domain: from `at_least` to `at_most`.

    What Garefalakis et al., "Medea: scheduling of long running applications in shared production clusters", EuroSys
    2018, section 4.1, call a cardinality constraint, as a wish.

    Attributes
    ----------
    namespace : str
    labels : dict
        The pods that bear all of these labels are counted, those that run included.
    topology_key : str
        Node label whose values are the domains. All are counted, with or without room.
    at_least, at_most : int
        No `at_most` is as many as there may be.
    weight : int
        Paid for each pod too few or too many in a domain.
    """

    topology_key: Annotated[str, msgspec.Meta(min_length=1)]
    namespace: str = "default"
    labels: dict[str, str] = {}
    at_least: Count = 0
    at_most: Count | None = None
    weight: Positive = 1

    def __post_init__(self) -> None:
        if self.at_most is not None and self.at_most < self.at_least:
            raise ValueError(f"at most {self.at_most} is less than at least {self.at_least}")


class Pods(_Table, frozen=True):
    """Some running pods: of a namespace, or with labels, or both; a table that says nothing means all.

    Attributes
    ----------
    namespace : str or None
        None is every namespace.
    labels : dict
        They bear all of these.
    """

    namespace: str | None = None
    labels: dict[str, str] = {}

    def include(self, template: PodTemplate) -> bool:
        """Whether pods of the template are meant."""
        if self.namespace not in (None, template.namespace):
            return False
        return all(template.labels.get(key) == value for key, value in self.labels.items())


class Policy(_Table, frozen=True):
    """What counts, in which order; what is not said is as kube-scheduler would like it.

    Attributes
    ----------
    tiers : tuple of str
        Minimised one after the other: "unplaced" (pods without a node, the highest priority first, one tier a
        priority), "cardinalities" (pods too few or too many in a domain), "nodes" (nodes in use), "price" (price of the
        nodes in use), "preferences" (preferred affinity, ScheduleAnyway, PreferNoSchedule), "utilisation" (what nodes
        are filled beyond `target_utilisation`), "balance" (free CPU without the memory that belongs to it).
    weights : Weights
    cardinalities : tuple of Cardinality
        Besides those that pods ask for in the annotation ``placement.dev/cardinality``.
    preemption : str
        "lower-priority": running pods of lower priority may move or give way to pods that find no node; "never".
    rebalancing : str
        "worthwhile": running pods move where soft terms or utilisation gain more by it than moves weigh, or where a
        waiting pod finds room by it; "never".
    undisturbed : tuple of Pods
        Running pods that neither move nor give way.
    fill : str
        Which of several equally good nodes a pod gets: "pack" the fullest, "spread" the emptiest.
    target_utilisation : float or "even"
        Share of a node's CPU and memory that may be asked for before it counts in the tier "utilisation"; "even" is the
        share that all nodes reach if what waits could be poured over them.
    memory_per_cpu : str or None
        Memory that belongs to one CPU, a quantity: what is wanted to be free side by side in the tier "balance", and
        what a CPU weighs beside memory in the tier "utilisation". None is what the nodes have on the whole.
    node_prices : dict
        Price an hour by node name, or by the value of label ``node.kubernetes.io/instance-type``.
    default_price : float
        Price of a node that `node_prices` does not name.
    steering : str
        How the extender carries a plan out: "authoritative" leaves a pod its planned node alone, "advisory" prefers it.
    """

    name: str = "default"
    preemption: Literal["lower-priority", "never"] = "lower-priority"
    rebalancing: Literal["never", "worthwhile"] = "never"
    undisturbed: tuple[Pods, ...] = ()
    tiers: tuple[TierName, ...] = LIKE_KUBE_SCHEDULER
    weights: Weights = Weights()
    cardinalities: tuple[Cardinality, ...] = ()
    fill: Fill = "spread"
    target_utilisation: Share | Literal["even"] = "even"
    memory_per_cpu: str | None = None
    node_prices: dict[str, Annotated[float, msgspec.Meta(ge=0)]] = {}
    default_price: Annotated[float, msgspec.Meta(ge=0)] = 1.0
    steering: Literal["authoritative", "advisory"] = "authoritative"

    def __post_init__(self) -> None:
        if self.tiers[:1] != ("unplaced",):
            raise ValueError("tiers: the first tier is 'unplaced': a plan that leaves pods out is not cheaper")
        if len(set(self.tiers)) != len(self.tiers):
            raise ValueError("tiers: each tier is named once")
        if self.cardinalities and "cardinalities" not in self.tiers:
            raise ValueError("tiers: 'cardinalities' is missing, so that those of the policy would not count")

        if self.memory_per_cpu is not None:
            _check_amount(self.memory_per_cpu)

    def leaves_alone(self, template: PodTemplate) -> bool:
        """Whether running pods of a template are not to be disturbed, whoever needs their room."""
        return any(pods.include(template) for pods in self.undisturbed)


def _check_amount(text: str) -> None:
    try:
        amount = millis(text)
    except ValueError as error:
        raise ValueError(f"memoryPerCpu: {error}") from None
    if amount <= 0:
        raise ValueError(f"memoryPerCpu: expected more than nothing, found {text!r}")


PRESETS = {
    "default": Policy(),
    "pack": Policy(name="pack", tiers=PACKING, fill="pack"),
    "spread": Policy(name="spread", tiers=EVEN),
    "stable": Policy(name="stable", preemption="never", rebalancing="worthwhile"),
}
"""Policies by name. `default` places as kube-scheduler would like, `pack` uses the fewest nodes, `spread` fills all
evenly, `stable` is the default for a cluster as it runs: nobody gives way, and few move where that pays."""


def read_policy(name_or_path: str) -> Policy:
    """The policy of a preset's name, or of a TOML, YAML or JSON file.

    A file may name a preset to start from in `preset`.

    Raises
    ------
    PolicyError
        If there is no such preset or file, or a field is wrong.
    """
    if name_or_path in PRESETS:
        return PRESETS[name_or_path]
    path = Path(name_or_path)
    try:
        body = _decode(path)
    except OSError as error:
        presets = ", ".join(sorted(PRESETS))
        raise PolicyError(f"{path}: {error.strerror}; expected a file or one of: {presets}") from None
    except (msgspec.DecodeError, ValueError) as error:
        raise PolicyError(f"{path}: {' '.join(str(error).split())}") from None
    if not isinstance(body, dict):
        raise PolicyError(f"{path}: a policy is a table of fields, not {type(body).__name__}")
    return policy_of({"name": path.stem, **body}, str(path))


def policy_of(table: Mapping[str, Any], source: str) -> Policy:
    """The policy of a table of fields, which may name a preset to start from in `preset`.

    Raises
    ------
    PolicyError
        If a field is wrong; it names the `source`.
    """
    preset = table.get("preset", "default")
    if not isinstance(preset, str) or preset not in PRESETS:
        raise PolicyError(f"{source}: preset: expected one of {', '.join(sorted(PRESETS))}, found {preset!r}")
    written = {name: value for name, value in table.items() if name != "preset"}
    try:
        return msgspec.convert({**msgspec.to_builtins(PRESETS[preset]), **written}, Policy)
    except msgspec.ValidationError as error:
        raise PolicyError(f"{source}: {error}") from None


def _decode(path: Path) -> Any:
    text = path.read_bytes()
    match path.suffix:
        case ".toml":
            return msgspec.toml.decode(text)
        case ".json":
            return msgspec.json.decode(text)
        case ".yaml" | ".yml":
            import yaml

            try:
                return yaml.load(text, yaml.CSafeLoader)
            except yaml.YAMLError as error:
                raise ValueError(str(error)) from None
        case _:
            raise ValueError("expected a file ending in .toml, .yaml, .yml or .json")
