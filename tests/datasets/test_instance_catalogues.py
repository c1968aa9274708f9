from __future__ import annotations

import json

import numpy as np
import pytest

from placement_datasets import instance_catalogues
from placement_datasets.errors import FormatError, MissingDataError, UnknownInstanceError
from placement_datasets.instance_catalogues import Shape
from placement_solvers.validation import validate
from tests.datasets.published import published

AWS = (
    "instance_type,family,arch,allocatable_cpu_milli,allocatable_memory_mib,max_pods,accelerators,"
    "on_demand_usd_per_hour\n"
    "m5.large,m5,amd64,1930,7000,29,0,0.096\n"
    "p5e.48xlarge,p5e,amd64,191450,2000000,100,8,\n"
)
AZURE = (
    "instance_type,sku_family,arch,vcpu,memory_mib,gpus,usd_per_hour_eastus\n"
    "Standard_A1_v2,standardAv2Family,amd64,1,2048,0,0.043\n"
)
GCP = "machine_type,family,vcpu,memory_gb,gpus,on_demand_usd_per_hour\ne2-micro,e2,0.25,1,0,0.008\nz3-1,z3,8,,0,1\n"
OFFER = {"Price": 0.027, "Available": True, "Requirements": [{"key": "topology.kubernetes.io/zone"}]}
ON_DEMAND = {"key": "karpenter.sh/capacity-type", "operator": "In", "values": ["on-demand"]}
KWOK = [
    {
        "name": "c-1x-amd64-linux",
        "architecture": "amd64",
        "resources": {"cpu": "1", "memory": "2Gi", "pods": "16"},
        "offerings": [{**OFFER, "Price": 0.019}, {**OFFER, "Requirements": [ON_DEMAND]}],
    }
]


@pytest.mark.parametrize(
    ("catalogue", "text", "shape"),
    [
        ("aws", AWS, Shape("m5.large", "m5", "amd64", 1930, 7000, 29, 0, 96_000)),
        ("azure", AZURE, Shape("Standard_A1_v2", "standardAv2Family", "amd64", 1000, 2048, 110, 0, 43_000)),
        ("gcp", GCP, Shape("e2-micro", "e2", "amd64", 250, 1024, 110, 0, 8_000)),
        ("kwok", json.dumps(KWOK), Shape("c-1x-amd64-linux", "c", "amd64", 1000, 2048, 16, 0, 27_000)),
    ],
)
def test_reads_the_shapes_that_have_a_size_and_a_price(tmp_path, catalogue, text, shape):
    (tmp_path / "catalogue").write_text(text)

    assert instance_catalogues.read(tmp_path / "catalogue", catalogue) == (shape,)


@pytest.mark.parametrize(
    ("catalogue", "text", "message"),
    [
        ("aws", AWS.replace("max_pods", "pods"), "'max_pods' is missing"),
        ("azure", AZURE.replace("2048", "two"), "'two' is missing or no number"),
        ("kwok", json.dumps([{"name": "c-1x"}]), "'resources' is missing"),
    ],
)
def test_says_what_is_wrong_with_a_catalogue(tmp_path, catalogue, text, message):
    (tmp_path / "catalogue").write_text(text)

    with pytest.raises(FormatError, match=message):
        instance_catalogues.read(tmp_path / "catalogue", catalogue)


def test_knows_four_catalogues_only():
    with pytest.raises(UnknownInstanceError, match="expected one of aws, azure, gcp, kwok"):
        instance_catalogues.shapes("oracle")


def test_says_that_the_catalogues_are_not_there(monkeypatch, tmp_path):
    monkeypatch.setenv("PLACEMENT_DATA", str(tmp_path))

    assert instance_catalogues.names() == []
    with pytest.raises(MissingDataError, match=r"aws_us-east-1.csv.xz: no such file"):
        instance_catalogues.shapes("aws")


def test_all_pods_fit_on_the_drawn_shapes_of_one_seed_alike(monkeypatch, tmp_path):
    folder = tmp_path / "instance_catalogues"
    folder.mkdir()
    large = {**KWOK[0], "name": "m-8x-amd64-linux", "resources": {"cpu": "8", "memory": "64Gi", "pods": "60"}}
    (folder / "kwok.json").write_text(json.dumps([large]))
    monkeypatch.setenv("PLACEMENT_DATA", str(tmp_path))
    monkeypatch.setitem(
        instance_catalogues._CATALOGUES, "kwok", ("kwok.json", instance_catalogues._CATALOGUES["kwok"][1])
    )

    problem, again = (instance_catalogues.pods_on_catalogue("kwok", 50, 5, seed=3) for _ in range(2))

    validate(problem)
    assert problem.num_items == 50
    assert np.array_equal(problem.class_of, again.class_of)
    assert np.array_equal(problem.demand, again.demand)
    assert (problem.capacity.sum(axis=0) >= problem.demand[problem.class_of].sum(axis=0)).all()


@published
@pytest.mark.parametrize(("catalogue", "priced"), [("aws", 1345), ("azure", 1292), ("gcp", 199), ("kwok", 144)])
def test_reads_every_published_shape_with_a_price(catalogue, priced):
    found = instance_catalogues.shapes(catalogue)

    assert len(found) == priced
    validate(instance_catalogues.pods_on_catalogue(catalogue, 100, 5, seed=1))
