"""Packing into equal bins by choosing from all patterns that a packing of so many bins may use."""
