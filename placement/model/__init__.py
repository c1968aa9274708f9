"""The nouns of a cluster, as the scheduler sees them: immutable, defaulted, amounts in integers.

Nothing here reads files or decides anything; `placement.manifests` makes these objects from Kubernetes
JSON, `placement.predicates` judges them.
"""
