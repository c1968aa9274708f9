"""Exit statuses, the same for every command."""

from __future__ import annotations

OK = 0
"""All pods placed; the plan holds; the plans are alike."""
FOUND = 1
"""Some pods are left over; the plan fails its check; the plans differ."""
WRONG_INPUT = 2
"""What was given is wrong. One line on stderr says what, where and what was expected."""
INTERRUPTED = 130
"""Ctrl-C or SIGTERM before there was anything to show."""
BROKEN_PIPE = 141
"""The reader of stdout went away, as with ``| head``: what the shell shows for SIGPIPE."""
