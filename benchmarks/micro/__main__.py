"""``python -m benchmarks.micro NAME …``, the same as ``python -m benchmarks.micro.NAME …``."""

from __future__ import annotations

import runpy
import sys
from pathlib import Path

NAMES = sorted(path.stem for path in Path(__file__).parent.glob("[a-z]*.py") if path.stem != "instance")


def main() -> None:
    """Run the measurement that the first argument names."""
    if len(sys.argv) < 2 or sys.argv[1] not in NAMES:
        sys.exit(f"usage: python -m benchmarks.micro {{{','.join(NAMES)}}} …")
    name = sys.argv.pop(1)
    runpy.run_module(f"benchmarks.micro.{name}", run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
