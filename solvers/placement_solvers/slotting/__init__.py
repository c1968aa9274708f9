"""Packing by patterns where relations stand in the way: pack as if they did not, then deal the places out."""

from placement_solvers.slotting.dealing import pack_and_deal

__all__ = ["pack_and_deal"]
