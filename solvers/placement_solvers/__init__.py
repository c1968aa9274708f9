"""Placement as mathematics: arrays in, arrays out. Items, classes, bins and groups; nothing of Kubernetes."""
