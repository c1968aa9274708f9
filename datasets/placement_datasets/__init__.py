"""Readers of public benchmark sets: each turns a published instance into a `Problem` of the solver floor."""
