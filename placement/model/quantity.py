"""Kubernetes quantities as exact integers: a thousandth of a unit is the grain, as in the API server.

Sources: apimachinery ``api/resource/quantity.go`` (grammar, rounding to nano, cap at 2^63 - 1) and
``pkg/apis/core/v1/defaults.go`` ``SetDefaults_ResourceList`` (every amount of a resource list is rounded up to
thousandths).
"""

from __future__ import annotations

import re
from fractions import Fraction
from functools import lru_cache

LARGEST = 2**63 - 1

_GRAMMAR = re.compile(
    r"(?P<sign>[+-]?)(?P<whole>[0-9]*)(?:\.(?P<part>[0-9]*))?"
    r"(?P<suffix>[KMGTPE]i|[numkMGTPE]?|[eE][+-]?[0-9]+)",
    re.ASCII,
)
_BINARY = {f"{letter}i": 1024 ** (rank + 1) for rank, letter in enumerate("KMGTPE")}
_DECIMAL = {"n": -9, "u": -6, "m": -3, "": 0, "k": 3, "M": 6, "G": 9, "T": 12, "P": 15, "E": 18}
# Beyond these exponents every amount is at the cap or below a nano; no need to raise ten to them.
_EXPONENT_LIMIT = 60


def parse(text: str | int | float) -> Fraction:
    """The exact amount a quantity names, in units, finer than nano rounded away from zero.

    Parameters
    ----------
    text : str, int or float
        As in a manifest: ``"1500m"``, ``"1.5Gi"``, ``"2e3"``, or a bare number.

    Raises
    ------
    ValueError
        If the text does not follow the grammar of quantities.
    """
    if isinstance(text, bool) or not isinstance(text, (str, int, float)):
        raise ValueError(f"expected a quantity, got {text!r}")
    written = text.strip() if isinstance(text, str) else repr(text)
    # Python refuses to read integers of thousands of digits, and no amount needs a hundredth of them.
    match = _GRAMMAR.fullmatch(written) if len(written) <= 256 else None
    if match is None or not (match["whole"] or match["part"]):
        raise ValueError(
            f"{written[:64]!r} is not a quantity; expected a number with a suffix such as m, k, M, G, Ki, Mi, Gi or e3"
        )
    digits, places = int((match["whole"] or "") + (match["part"] or "")), len(match["part"] or "")
    if digits == 0:
        return Fraction(0)
    suffix = match["suffix"]
    if suffix in _BINARY:
        amount = Fraction(digits * _BINARY[suffix], 10**places)
    else:
        exponent = _DECIMAL[suffix] if suffix in _DECIMAL else int(suffix[1:])
        exponent = max(-_EXPONENT_LIMIT - len(str(digits)), min(_EXPONENT_LIMIT + places, exponent))
        amount = Fraction(digits) * Fraction(10) ** (exponent - places)
    amount = min(_round_up(amount, 10**9), Fraction(LARGEST))
    return -amount if match["sign"] == "-" else amount


@lru_cache(maxsize=65536)
def millis(text: str | int | float) -> int:
    """The amount in thousandths of a unit, rounded away from zero.

    Raises
    ------
    ValueError
        If the text is not a quantity.
    """
    amount = parse(text)
    size = _round_up(abs(amount), 1000) * 1000
    return int(size) if amount >= 0 else -int(size)


def units_up(amount: int) -> int:
    """Thousandths as whole units, rounded up, as for a request; at most 2^63 - 1."""
    return min(-(-amount // 1000), LARGEST)


def units_down(amount: int) -> int:
    """Thousandths as whole units, rounded down, as for what a node offers; at most 2^63 - 1."""
    return min(amount // 1000, LARGEST)


def canonical(amount: int, *, binary: bool = False) -> str:
    """The canonical text of an amount in thousandths: no fraction, the largest suffix that loses nothing.

    Parameters
    ----------
    amount : int
        Thousandths of a unit.
    binary : bool
        Whether Ki to Ei are wanted. As in Kubernetes, amounts below 1024 units and fractions are written with
        decimal suffixes all the same.
    """
    if amount == 0:
        return "0"
    sign, size = ("-", -amount) if amount < 0 else ("", amount)
    if binary and size % 1000 == 0 and size >= 1024 * 1000:
        number, rank = size // 1000, 0
        while number % 1024 == 0 and rank < 6:
            number, rank = number // 1024, rank + 1
        return f"{sign}{number}{('', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei')[rank]}"
    number, rank = size, 0
    while number % 1000 == 0 and rank < 7:
        number, rank = number // 1000, rank + 1
    return f"{sign}{number}{('m', '', 'k', 'M', 'G', 'T', 'P', 'E')[rank]}"


def _round_up(amount: Fraction, grain: int) -> Fraction:
    return Fraction(-(-amount.numerator * grain // amount.denominator), grain)
