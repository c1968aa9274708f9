"""How kernels are compiled."""

from numba import njit

entry = njit(cache=True, nogil=True)
"""A kernel that Python calls. It is given int64 and arrays only, so that it is compiled once."""

# Numba's own hints leave these two options out.
part = njit(cache=True, nogil=True, no_cpython_wrapper=True, no_cfunc_wrapper=True)  # type: ignore[call-overload]
"""A kernel that only kernels call: without the wrappers that unpack its many arrays it compiles in half the time."""

inner = njit(cache=True, nogil=True, forceinline=True, no_cpython_wrapper=True, no_cfunc_wrapper=True)  # type: ignore[call-overload]
"""A kernel of an inner loop: a call that hands over all arrays costs more than such a kernel does."""
