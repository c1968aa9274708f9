"""Label selectors: which label sets, and so which pods, namespaces and nodes, are meant."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

Labels = Mapping[str, str]


class Operator(StrEnum):
    """Operators of a requirement. Gt and Lt exist for nodes only and compare as integers."""

    IN = "In"
    NOT_IN = "NotIn"
    EXISTS = "Exists"
    DOES_NOT_EXIST = "DoesNotExist"
    GT = "Gt"
    LT = "Lt"


@dataclass(frozen=True, slots=True)
class Requirement:
    """One condition on one label (apimachinery ``labels.Requirement.Matches``)."""

    key: str
    operator: Operator
    values: tuple[str, ...] = ()

    def matches(self, labels: Labels) -> bool:
        """Whether a label set meets the condition. NotIn is met by a missing label."""
        value = labels.get(self.key)
        match self.operator:
            case Operator.IN:
                return value is not None and value in self.values
            case Operator.NOT_IN:
                return value is None or value not in self.values
            case Operator.EXISTS:
                return value is not None
            case Operator.DOES_NOT_EXIST:
                return value is None
            case Operator.GT | Operator.LT:
                return self._compares(value)

    def _compares(self, value: str | None) -> bool:
        if value is None or len(self.values) != 1:
            return False
        left, right = _integer(value), _integer(self.values[0])
        if left is None or right is None:
            return False
        return left > right if self.operator is Operator.GT else left < right


LABEL_VALUE = "(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?"
"""What a label's value may be, at most 63 characters long (apimachinery ``validation.IsValidLabelValue``)."""

_VALUE = re.compile(LABEL_VALUE)


def is_label_value(text: str) -> bool:
    """Whether a label can have this value."""
    return len(text) <= 63 and _VALUE.fullmatch(text) is not None


def _integer(text: str) -> int | None:
    # strconv.ParseInt(…, 10, 64): an optional sign and ASCII digits, nothing else.
    digits = text[1:] if text[:1] in ("+", "-") else text
    if not (digits.isascii() and digits.isdigit()):
        return None
    number = int(text)
    return number if -(2**63) <= number < 2**63 else None


@dataclass(frozen=True, slots=True)
class Selector:
    """All requirements together; an empty selector matches everything.

    A selector that is absent (``None`` in the attributes that hold one) matches nothing.
    """

    requirements: tuple[Requirement, ...] = ()

    def matches(self, labels: Labels) -> bool:
        """Whether a label set meets every requirement."""
        return all(requirement.matches(labels) for requirement in self.requirements)

    @classmethod
    def of(cls, labels: Labels) -> Selector:
        """The selector of exactly these labels, as in ``matchLabels``."""
        return cls(tuple(Requirement(key, Operator.IN, (value,)) for key, value in sorted(labels.items())))

    def and_also(self, *more: Requirement) -> Selector:
        """The selector with further requirements."""
        return Selector(self.requirements + more)
