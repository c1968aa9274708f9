"""What would make it fit: the cheapest single changes after which an unplaced pod or gang has its node."""

from __future__ import annotations

from placement.remedies.patching import patched
from placement.remedies.remedy import Action, Kind, Patch, Remedy
from placement.remedies.search import remedies

__all__ = ["Action", "Kind", "Patch", "Remedy", "patched", "remedies"]
