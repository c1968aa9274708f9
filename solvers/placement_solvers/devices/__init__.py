"""Solvers for problems whose items take devices: one for items that come one at a time, one for all at once."""

from placement_solvers.devices.online import Mix, OnlineDevices, OnlineParameters, told_online
from placement_solvers.devices.solver import DevicePacking, PackingParameters

__all__ = ["DevicePacking", "Mix", "OnlineDevices", "OnlineParameters", "PackingParameters", "told_online"]
