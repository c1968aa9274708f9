"""``python -m placement``, and what the installed commands call."""

from __future__ import annotations

import os
import signal
import sys

INTERRUPTED = 130


def main() -> None:
    """Run the command and end the process with its exit status."""
    # As Ctrl-C: what is half written is cleared away. A search that has something to show hears both itself.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        from placement.cli.app import main

        status = main()
    except KeyboardInterrupt:  # before the command could hear it: its modules take some time to load
        print("placement: interrupted", file=sys.stderr)
        status = INTERRUPTED
    if status == INTERRUPTED:
        # CPython ends by SIGINT itself if the interrupt fell into an exec(), as imports of dataclasses do, whatever
        # became of it since; callers are promised a status.
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)
    sys.exit(status)


if __name__ == "__main__":
    main()
