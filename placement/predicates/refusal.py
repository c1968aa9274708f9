"""Why a node may not take a pod."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Refusal:
    """The word of the first filter plugin that refuses a pod on a node.

    Attributes
    ----------
    plugin : str
        Official name, such as ``"NodeResourcesFit"``.
    reasons : tuple of str
        kube-scheduler's own texts. Only NodeResourcesFit and VolumeBinding give more than one.
    resolvable : bool
        Whether evicting pods from the node could help.
    """

    plugin: str
    reasons: tuple[str, ...]
    resolvable: bool

    @property
    def code(self) -> str:
        """The name of kube-scheduler's status code."""
        return "Unschedulable" if self.resolvable else "UnschedulableAndUnresolvable"
