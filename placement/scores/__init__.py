"""kube-scheduler's score plugins on Kubernetes objects, one module for each plugin of the default profile.

Written after kube-scheduler v1.36 with its integer arithmetic, normalisation included.
"""
