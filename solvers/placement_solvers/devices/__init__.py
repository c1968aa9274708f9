"""Solvers for problems whose items take devices: one for items that come one at a time, one for all at once."""

from placement_solvers.devices.online import Mix, OnlineDevices, OnlineParameters

__all__ = ["Mix", "OnlineDevices", "OnlineParameters"]
