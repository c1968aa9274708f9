"""What the planner is asked to optimise: tiers in order, and how ties are filled."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec

from placement.errors import PolicyError

TierName = Literal["unplaced", "nodes", "price", "preferences"]
Fill = Literal["pack", "spread"]


class Policy(msgspec.Struct, frozen=True, rename="camel", kw_only=True, forbid_unknown_fields=True):
    """What counts, in which order.

    Attributes
    ----------
    tiers : tuple of str
        Minimised one after the other: "unplaced" (pods without a node, the highest priority first, one tier a
        priority), "nodes" (nodes in use), "price" (price of the nodes in use), "preferences" (preferred affinity,
        ScheduleAnyway, PreferNoSchedule).
    preemption : str
        "lower-priority": running pods of lower priority may move or give way to pods that find no node; "never".
    fill : str
        Which of several equally good nodes a pod gets: "pack" the fullest, "spread" the emptiest.
    node_prices : dict
        Price an hour by node name, or by the value of label ``node.kubernetes.io/instance-type``.
    default_price : float
        Price of a node that `node_prices` does not name.
    """

    name: str = "default"
    preemption: Literal["lower-priority", "never"] = "lower-priority"
    tiers: tuple[TierName, ...] = ("unplaced", "nodes")
    fill: Fill = "pack"
    node_prices: dict[str, Annotated[float, msgspec.Meta(ge=0)]] = {}
    default_price: Annotated[float, msgspec.Meta(ge=0)] = 1.0

    def __post_init__(self) -> None:
        if self.tiers[:1] != ("unplaced",):
            raise ValueError("tiers: the first tier is 'unplaced': a plan that leaves pods out is not cheaper")
        if len(set(self.tiers)) != len(self.tiers):
            raise ValueError("tiers: each tier is named once")


PRESETS = {
    "default": Policy(),
    "pack": Policy(name="pack"),
    "spread": Policy(name="spread", tiers=("unplaced",), fill="spread"),
}
"""Policies by name. `pack` uses the fewest nodes, `spread` fills all evenly."""


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
    preset = body.pop("preset", "default")
    if preset not in PRESETS:
        raise PolicyError(f"{path}: preset: expected one of {', '.join(sorted(PRESETS))}, found {preset!r}")
    merged = {**msgspec.to_builtins(PRESETS[preset]), "name": path.stem, **body}
    try:
        return msgspec.convert(merged, Policy)
    except msgspec.ValidationError as error:
        raise PolicyError(f"{path}: {error}") from None


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
