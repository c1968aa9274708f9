"""Proven lower bounds: what no solution can get below."""
