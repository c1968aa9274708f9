"""How kernels are compiled.

Kernels pass all their arrays on to each other. Counting references to dozens of arrays at each call would take most of
the time, so it is switched off: kernels allocate nothing, and what they need is allocated by Python beforehand.
"""

# mypy: disable-error-code="call-overload"
# Numba's own hints leave out these options.

from numba import njit

entry = njit(cache=True, nogil=True, _nrt=False)
"""A kernel that Python calls. It is given int64 and arrays only, so that it is compiled once."""

part = njit(cache=True, nogil=True, _nrt=False, no_cpython_wrapper=True, no_cfunc_wrapper=True)
"""A kernel that only kernels call: without the wrappers that unpack its many arrays it compiles in half the time."""

inner = njit(cache=True, nogil=True, _nrt=False, forceinline=True, no_cpython_wrapper=True, no_cfunc_wrapper=True)
"""A kernel of an inner loop: a call that hands over all arrays costs more than such a kernel does."""
