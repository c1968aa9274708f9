"""395 manifests of real projects read without a crash."""

import os
import tarfile
from collections import Counter
from pathlib import Path

import pytest

from placement.errors import InputError
from placement.manifests import read_inventory

DATA = os.environ.get("PLACEMENT_DATA")

pytestmark = pytest.mark.skipif(not DATA, reason="PLACEMENT_DATA does not name the folder of public data")


@pytest.fixture(scope="module")
def manifests(tmp_path_factory):
    folder = tmp_path_factory.mktemp("manifests")
    with tarfile.open(Path(DATA) / "k8s_manifests" / "manifests.tar.xz", "r:xz") as archive:
        archive.extractall(folder, filter="data")
    return sorted(path for path in folder.rglob("*") if path.is_file())


def test_every_file_gives_objects_or_one_clean_error(manifests):
    read, counts = 0, Counter()
    for path in manifests:
        try:
            inventory = read_inventory([path])
        except InputError as error:
            assert error.source == str(path)
            assert "\n" not in str(error)
            continue
        read += 1
        counts["known"] += len(inventory.workloads) + len(inventory.pods) + len(inventory.services)
        counts["skipped"] += sum(inventory.skipped.values())
    assert len(manifests) == 395
    assert read >= 390
    assert counts["known"] > 150
    assert counts["skipped"] > 400


def requests_of(manifests, part):
    workloads = [workload for path in manifests if part in str(path) for workload in read_inventory([path]).workloads]
    cpu = sum(one.template.requests.get("cpu", 0) * one.replicas for one in workloads)
    memory = sum(one.template.requests.get("memory", 0) * one.replicas for one in workloads)
    return len(workloads), cpu, memory // 2**20


def test_the_online_boutique_requests_what_its_index_says(manifests):
    # index.csv: 12 Deployments, 1.57 cores, 1,368 MiB
    assert requests_of(manifests, "online-boutique/release__kubernetes-manifests") == (12, 1570, 1368)


def test_bookinfo_requests_nothing(manifests):
    assert requests_of(manifests, "bookinfo__platform__kube__bookinfo.yaml") == (6, 0, 0)
