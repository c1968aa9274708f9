"""Quantities are exact, and round the way the API server rounds."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from placement.model.quantity import LARGEST, canonical, millis, parse, units_down, units_up

SUFFIXES = ["n", "u", "m", "", "k", "M", "G", "T", "P", "E", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei", "e2", "E-3", "e+1"]


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("0", 0),
        ("100m", Fraction(1, 10)),
        ("1.5", Fraction(3, 2)),
        ("1.5Gi", 3 * 2**29),
        (".5Ki", 512),
        ("5.", 5),
        ("2e3", 2000),
        ("2E3", 2000),
        ("12e-1", Fraction(6, 5)),
        ("2E", 2 * 10**18),
        ("+1k", 1000),
        ("-1", -1),
        ("250u", Fraction(1, 4000)),
        (" 1Mi ", 2**20),
        (2, 2),
        (0.1, Fraction(1, 10)),
    ],
)
def test_reads_the_amount_a_quantity_names(text, amount):
    assert parse(text) == amount


@pytest.mark.parametrize(
    "text", ["1.5GiB", "", "-", ".", "1e", "Gi", "1 Gi", "1Kib", "0x10", "1ee3", "१", "1,5", "9" * 300]
)
def test_refuses_what_kubernetes_would_refuse(text):
    with pytest.raises(ValueError, match="is not a quantity"):
        parse(text)


def test_rounds_what_is_finer_than_nano_away_from_zero():
    assert parse("0.1n") == Fraction(1, 10**9)
    assert parse("-0.1n") == -Fraction(1, 10**9)


def test_rounds_what_is_finer_than_milli_up():
    assert millis("0.1m") == 1
    assert millis("1n") == 1
    assert millis("1.0001") == 1001


def test_caps_at_what_an_int64_holds():
    assert parse("9Ei") == LARGEST
    assert parse("1e999999999") == LARGEST
    assert parse("1e-999999999") == Fraction(1, 10**9)
    assert units_up(millis("20E")) == LARGEST


def test_rounds_requests_up_and_offers_down():
    assert units_up(1) == 1
    assert units_up(1000) == 1
    assert units_down(1999) == 1


@pytest.mark.parametrize(
    ("amount", "binary", "text"),
    [
        (1500, False, "1500m"),
        (1000, False, "1"),
        (3 * 2**29 * 1000, True, "1536Mi"),
        (3 * 2**29 * 1000, False, "1610612736"),
        (2000 * 1000, False, "2k"),
        (1023 * 1000, True, "1023"),
        (2048 * 1000 + 1, True, "2048001m"),
        (-500, False, "-500m"),
        (0, True, "0"),
    ],
)
def test_writes_the_canonical_form(amount, binary, text):
    assert canonical(amount, binary=binary) == text


@given(st.integers(-LARGEST, LARGEST), st.booleans())
def test_reads_back_what_it_writes(amount, binary):
    assert millis(canonical(amount, binary=binary)) == amount


@given(st.integers(0, 10**6), st.integers(0, 10**6), st.sampled_from(SUFFIXES))
def test_keeps_the_order_of_amounts(one, other, suffix):
    smaller, larger = sorted((one, other))
    assert parse(f"{smaller}{suffix}") <= parse(f"{larger}{suffix}")
    assert millis(f"{smaller}{suffix}") <= millis(f"{larger}{suffix}")


@given(st.integers(0, 10**9), st.integers(0, 6), st.sampled_from(SUFFIXES))
def test_never_gives_less_than_is_written_nor_a_milli_more(digits, places, suffix):
    text = f"{digits / 10**places:.{places}f}{suffix}" if digits < 2**50 else f"{digits}{suffix}"
    amount, rounded = parse(text), millis(text)
    if amount < LARGEST:
        assert 0 <= Fraction(rounded, 1000) - amount < Fraction(1, 1000)
