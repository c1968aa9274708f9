"""Demonstration shops as their authors publish them, planned on a generated cluster and checked."""

from __future__ import annotations

import os
import tarfile
from pathlib import Path

import pytest

from placement import Cluster, check, plan
from placement.desired import desired
from placement.generate import generate, write
from placement.manifests import read_inventory

DATA = os.environ.get("PLACEMENT_DATA")

pytestmark = pytest.mark.skipif(DATA is None, reason="PLACEMENT_DATA is not set")

SHOPS = {
    "online-boutique": (["online-boutique/release__kubernetes-manifests.yaml"], 12),
    "sock-shop": (["sock-shop/deploy__kubernetes__complete-demo.yaml"], 14),
    "istio-bookinfo": (["istio-bookinfo/samples__bookinfo__platform__kube__bookinfo.yaml"], 6),
}
"""Files of each shop, and how many Deployments its README counts."""


@pytest.fixture(scope="module")
def manifests(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("manifests")
    with tarfile.open(Path(DATA or "") / "k8s_manifests" / "manifests.tar.xz") as archive:
        archive.extractall(folder, filter="data")
    return folder


@pytest.fixture(scope="module")
def cluster_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("cluster") / "cluster.json"
    with path.open("wb") as stream:
        write(generate(12, 60, 5, pending=0, load=0.3), stream)
    return path


@pytest.mark.parametrize("shop", SHOPS)
def test_every_pod_of_the_shop_finds_a_node(shop: str, manifests: Path, cluster_file: Path) -> None:
    files, deployments = SHOPS[shop]
    inventory = desired(read_inventory([cluster_file, *(manifests / name for name in files)]))
    cluster = Cluster(inventory)
    waiting = {pod.key for pod in cluster.pending}
    assert len(waiting) >= deployments

    answer = plan(cluster)

    assert {placement.pod for placement in answer.placements} == waiting
    assert check(cluster, answer).ok
