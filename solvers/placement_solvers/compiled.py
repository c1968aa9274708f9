"""How kernels are compiled, and kept on disk.

Kernels pass all their arrays on to each other. Counting references to dozens of arrays at each call would take most of
the time, so it is switched off: kernels allocate nothing, and what they need is allocated by Python beforehand. A long
search that is called on its own may allocate what only it needs.

Numba keeps a kernel on disk until the file it stands in changes, though the kernels it calls are compiled into it. Here
a kernel is out of date as soon as any file of its package changed or a file of `SHARED`, so kernels call only those of
their own package and of the shared files.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from numba import njit

SHARED = ("random_bits.py",)
"""Files beside this one with kernels that those of all packages call."""


@cache
def stamp_of(package: Path) -> str:
    """What a kernel on disk must bear to be used: a digest of its folder's modules, of the shared ones and this one."""
    own = Path(__file__)
    digest = hashlib.sha256(own.read_bytes())
    for path in [*(own.with_name(name) for name in SHARED), *sorted(package.glob("*.py"))]:
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _compiled(**options: bool) -> Callable[[Callable[..., Any]], Any]:
    flags: dict[str, Any] = {"nogil": True, "_nrt": False, **options}

    def compile_kernel(function: Callable[..., Any]) -> Any:
        kernel: Any = njit(**flags)(function)
        try:
            kernel.enable_caching()
        except RuntimeError:  # nowhere to write to: every process compiles for itself
            return kernel
        kernel._cache._cache_file._source_stamp = stamp_of(Path(function.__code__.co_filename).parent)
        return kernel

    return compile_kernel


entry = _compiled()
"""A kernel that Python calls. It is given int64, float64 and arrays only, so that it is compiled once."""

allocating = _compiled(_nrt=True)
"""A kernel that Python calls, and that allocates arrays or copies them as a whole."""

part = _compiled(no_cpython_wrapper=True, no_cfunc_wrapper=True)
"""A kernel that only kernels call: without the wrappers that unpack its many arrays it compiles in half the time."""

inner = _compiled(forceinline=True, no_cpython_wrapper=True, no_cfunc_wrapper=True)
"""A kernel of an inner loop: a call that hands over all arrays costs more than such a kernel does."""
