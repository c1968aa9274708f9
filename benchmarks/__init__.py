"""Measurements, apart from the tests: how fast, how good, beside what others do."""
