"""The scheduler extender: kube-scheduler asks, the state of the cluster and the plan answer."""
