"""Errors of the data floor.

DatasetError
├── FetchError (ConnectionError)
├── FormatError (ValueError)
├── MissingDataError (FileNotFoundError)
└── UnknownInstanceError (KeyError)
"""

from __future__ import annotations


class DatasetError(Exception):
    """Whatever the data floor raises on purpose."""


class FetchError(DatasetError, ConnectionError):
    """A file could not be downloaded, or is another one than published."""


class FormatError(DatasetError, ValueError):
    """A file does not say what its format asks for."""


class MissingDataError(DatasetError, FileNotFoundError):
    """A set of instances is not on this machine."""


class UnknownInstanceError(DatasetError, KeyError):
    """A set holds no instance of that name."""

    def __str__(self) -> str:
        return str(self.args[0])
