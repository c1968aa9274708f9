"""Solvers for problems whose items take devices: one for items that come one at a time, one for all at once."""

from placement_solvers.devices.online import Mix, OnlineDevices, OnlineParameters
from placement_solvers.devices.solver import DevicePacking, PackingParameters

__all__ = ["DevicePacking", "Mix", "OnlineDevices", "OnlineParameters", "PackingParameters"]
