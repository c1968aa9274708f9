import pytest

from placement.report.amount import amount, amounts, cores, size


@pytest.mark.parametrize(("millicores", "text"), [(0, "0"), (250, "250m"), (1000, "1"), (3920, "3.9"), (128000, "128")])
def test_processor_time_is_short(millicores, text):
    assert cores(millicores) == text


@pytest.mark.parametrize(("amount", "text"), [(0, "0"), (1023, "1023"), (1536 * 2**20, "1.5Gi"), (14 * 2**30, "14Gi")])
def test_bytes_carry_a_binary_suffix(amount, text):
    assert size(amount) == text


def test_an_extended_resource_is_counted_in_units():
    assert amount("nvidia.com/gpu", 4) == "4"
    assert amount("hugepages-2Mi", 2**21) == "2Mi"


def test_requests_of_nothing_are_called_nothing():
    assert amounts({"cpu": 0}) == "nothing"
    assert amounts({"cpu": 500, "memory": 2**30, "nvidia.com/gpu": 1}) == "cpu 500m, memory 1Gi, nvidia.com/gpu 1"
