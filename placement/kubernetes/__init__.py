"""A running cluster: credentials, lists and watches, and the few things that are written to it."""
