"""Errors of talking to an API server.

ApiError (PlacementError)
├── GoneError        the version asked for is too old; list again
└── ConnectionError  of Python, and what aiohttp raises, pass through: the line is at fault, not the request
"""

from __future__ import annotations

from placement.errors import PlacementError


class ApiError(PlacementError):
    """The API server refuses.

    Attributes
    ----------
    status : int
        HTTP status.
    """

    def __init__(self, status: int, text: str) -> None:
        self.status = status
        super().__init__(f"the API server answers {status}: {text}")


class GoneError(ApiError):
    """410: the version asked for is no longer kept."""
