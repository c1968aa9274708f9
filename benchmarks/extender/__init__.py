"""Loads the extender over loopback, as kube-scheduler would."""
