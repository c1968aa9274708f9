"""``python -m placement``, and what the installed commands call."""

from __future__ import annotations

import sys


def main() -> None:
    """Run the command and end the process with its exit status."""
    from placement.cli.app import main

    sys.exit(main())


if __name__ == "__main__":
    main()
