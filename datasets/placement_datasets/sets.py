"""The public sets there are readers for: licence, origin, and the checksum of each file."""

from __future__ import annotations

import csv
from collections import defaultdict
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import Path

from placement_datasets.errors import MissingDataError, UnknownInstanceError

CHECKSUMS = Path(__file__).parent / "checksums.csv"

GITHUB = "https://raw.githubusercontent.com"


@dataclass(frozen=True, slots=True)
class DataSet:
    """A public set.

    Attributes
    ----------
    name : str
        Of the module that reads it.
    folder : str
        Where it lies below the root of all sets.
    licence : str
        What the origin says of use and redistribution.
    origin : str
        Address that the origins in the table of checksums continue.
    by_hand : str
        What cannot be fetched, and why; "" if all can.
    """

    name: str
    folder: str
    title: str
    licence: str
    origin: str
    by_hand: str = ""

    def at_hand(self) -> int:
        """How many instances lie on this machine."""
        try:
            return len(import_module(f"placement_datasets.{self.name}").names())
        except MissingDataError:
            return 0


@dataclass(frozen=True, slots=True)
class DataFile:
    """A file, or a member of an archive, as it is at its origin.

    Attributes
    ----------
    path : str
        Below the folder of the set; what ends in ``.xz`` is packed there, not at the origin.
    member : str
        Name in the archive at `path`, "" if it is no archive.
    size : int
        Bytes, unpacked.
    sha256 : str
        Of the bytes, unpacked.
    source : str
        Continues `DataSet.origin`, "" if it has to be had by hand. A source that is an archive holds a file whose path
        ends as `member` does.
    """

    path: str
    member: str
    size: int
    sha256: str
    source: str


SETS = (
    DataSet(
        "roadef2012",
        "roadef2012",
        "ROADEF/EURO challenge 2012: Google's machine reassignment",
        "published for research by the challenge; fetched from OptaPlanner's examples (Apache-2.0)",
        f"{GITHUB}/kiegroup/optaplanner/3459836/optaplanner-examples/data/machinereassignment/import",
        "the table of best known values; the toy",
    ),
    DataSet(
        "binpacking1d",
        "binpacking1d",
        "one-dimensional bin packing, a part of BPPLIB",
        "CC BY-NC-ND 4.0: non-commercial, unmodified",
        "https://github.com/mdelorme2/BPPLIB",
        "the origin packs instances as .rar",
    ),
    DataSet(
        "vectorpacking",
        "vectorpacking",
        "vector bin packing in 3, 5 and 10 dimensions",
        "MIT",
        f"{GITHUB}/Vectorpack/experiments_vector_paper/09a07d9",
        "the table of optima",
    ),
    DataSet(
        "temporal_binpacking",
        "temporal_binpacking",
        "temporal bin packing, with virtual machines of Azure",
        "none stated, research data of the cited papers; Azure's source data CC BY 4.0",
        f"{GITHUB}/wotzlaff/tbpp-instances/5b4795b/data",
        "the table of first fit",
    ),
    DataSet(
        "cloudbalancing",
        "cloudbalancing",
        "OptaPlanner's cloud balancing",
        "Apache-2.0",
        f"{GITHUB}/kiegroup/optaplanner/3459836/optaplanner-examples/data/cloudbalancing/unsolved",
        "the table of bounds",
    ),
    DataSet(
        "tianchi2018",
        "tianchi2018",
        "Alibaba's global scheduling competition (Tianchi 2018)",
        "terms of the competition: research use, no commercial redistribution",
        f"{GITHUB}/NeuronEmpire/aliyun_schedule_semi/c2d1564/data",
        "the preliminary round: a .zip at github konnase/tianchi",
    ),
    DataSet(
        "openb",
        "alibaba_gpu_openb",
        "Alibaba's GPU cluster openb (cluster-trace-gpu-v2023)",
        "research or study only, by the origin's README",
        f"{GITHUB}/alibaba/clusterdata/7a6c496/cluster-trace-gpu-v2023/csv",
        "the published results: github hkust-adsl/kubernetes-scheduler-simulator",
    ),
    DataSet(
        "huawei",
        "huawei_topology",
        "Huawei Cloud: virtual machines with NUMA, affinity and fault domains",
        "CC0 1.0",
        "https://github.com/mdl1104/Dataset-for-topology-aware-VM-placement",
        "the origin has Excel files; the reader wants their sheets as CSV",
    ),
    DataSet(
        "instance_catalogues",
        "instance_catalogues",
        "types of machines of AWS, Azure and Google with prices, and Karpenter's synthetic ones",
        "Apache-2.0",
        f"{GITHUB}/kubernetes-sigs/karpenter/2266468/kwok/cloudprovider",
        "all but Karpenter's: tables put together from several repositories",
    ),
)


def named(name: str) -> DataSet:
    """The set of that name.

    Raises
    ------
    UnknownInstanceError
        If there is none.
    """
    for data_set in SETS:
        if data_set.name == name:
            return data_set
    known = ", ".join(data_set.name for data_set in SETS)
    raise UnknownInstanceError(f"no set {name!r}; expected one of {known}")


def files_of(data_set: DataSet) -> list[DataFile]:
    """The files that are known of a set, archives member by member."""
    return _table()[data_set.folder]


@cache
def _table() -> dict[str, list[DataFile]]:
    found: dict[str, list[DataFile]] = defaultdict(list)
    with CHECKSUMS.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            file = DataFile(row["path"], row["member"], int(row["bytes"]), row["sha256"], row["source"])
            found[row["folder"]].append(file)
    return found
