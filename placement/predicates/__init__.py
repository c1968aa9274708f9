"""kube-scheduler's filters on Kubernetes objects, one module for each plugin of the default profile.

Written after kube-scheduler v1.36 (``pkg/scheduler/framework/plugins``), whose names, order, reason texts and codes
they give. `Snapshot` holds the state, `verdict` asks the filters in order.
"""
