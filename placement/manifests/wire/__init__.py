"""The fields of Kubernetes objects that placement reads, as they travel: everything optional, nothing defaulted.

Only what is named here is decoded; the rest of an object is skipped, which is most of a dump. Defaults, quantities
and enumerations are judged afterwards, where an error can name the field.
"""
