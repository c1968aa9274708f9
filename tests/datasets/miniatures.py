"""A folder of all public sets in miniature, in their formats and under their names: no test needs the real ones."""

from __future__ import annotations

import io
import json
import lzma
import tarfile
from pathlib import Path

from tests.datasets.roadef2012_instances import ASSIGNMENT, MODEL

TIMES = 98

PACKED = {
    "binpacking1d": {"family/a.txt": "4\n10\n5\n5\n4\n6\n", "family/b.txt": "3\n7\n4\n4\n3\n"},
    "vectorpacking": {"new/a.vbp": "2\n10 10\n2\n5 4 2\n4 6 2\n", "new/b.vbp": "1\n10\n1\n6 3\n"},
    "temporal_binpacking": {"a/one.txt": "3 10 0 0\n0 0 5 6\n1 3 8 6\n2 5 9 4\n"},
}
"""Archives, a text an instance."""


def write_all(root: Path) -> None:
    """Write a small instance or two of each set below a folder."""
    for folder, texts in PACKED.items():
        (root / folder).mkdir(parents=True)
        with tarfile.open(root / folder / "instances.tar.xz", "w:xz") as archive:
            for name, text in texts.items():
                entry = tarfile.TarInfo(name)
                entry.size = len(text)
                archive.addfile(entry, io.BytesIO(text.encode()))
    for path, text in _texts().items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(lzma.compress(text.encode()) if path.endswith(".xz") else text.encode())


def _texts() -> dict[str, str]:
    found = {
        "roadef2012/instances/model_a1_1.txt.xz": MODEL,
        "roadef2012/instances/assignment_a1_1.txt.xz": ASSIGNMENT,
        "roadef2012/reference_values.csv": "instance,best_known,initial_cost\na1_1,580,580\n",
        "vectorpacking/reference.csv": "set,file,optimum,best_heuristic\nnew,a.vbp,2,3\nnew,b.vbp,,3\n",
        "cloudbalancing/2computers-3processes.json.xz": json.dumps(
            {
                "computerList": [
                    {"id": n, "cpuPower": 4, "memory": 4, "networkBandwidth": 4, "cost": 100 + n} for n in range(2)
                ],
                "processList": [
                    {
                        "id": n,
                        "requiredCpuPower": 2,
                        "requiredMemory": 1,
                        "requiredNetworkBandwidth": 1,
                        "computer": None,
                    }
                    for n in range(3)
                ],
            }
        ),
        "huawei_topology/pm_resources.csv.xz": "CPU1,RAM1,CPU2,RAM2\n8,16,8,16\n8,16,4,16\n",
        "huawei_topology/topology.csv.xz": "host_id,rack_id\nhost-0,0\nhost-1,7\n",
        "alibaba_gpu_openb/openb_node_list_gpu_node.csv.xz": (
            "sn,cpu_milli,memory_mib,gpu,model\nnode-0,8000,1000,2,T4\nnode-1,4000,1000,1,P100\n"
        ),
        "tianchi2018/app_resources.csv.xz": f"x,{_curve(2)},{_curve(1)},40,0,0,0\ny,{_curve(1)},{_curve(4)},60,1,0,1\n",
        "tianchi2018/app_interference.csv.xz": "x,y,0\ny,y,1\n",
    }
    for sequence in range(1, 6):
        found[f"huawei_topology/vm_requests_C{sequence}.csv.xz"] = (
            "flavor_vcpus,flavor_ram,numa,strategy,group,domain\n8,8,1,,,\n8,8,2,,,\n2,4,1,anti-affinity,0,\n"
        )
    for pods in ("default", "cpu250", "gpushare100", "multigpu50", "gpuspec33"):
        found[f"alibaba_gpu_openb/openb_pod_list_{pods}.csv.xz"] = (
            "name,cpu_milli,memory_mib,num_gpu,gpu_milli,gpu_spec\n"
            "share,1000,100,1,600,\nwhole,1000,100,1,1000,\npair,2000,100,2,1000,T4\nplain,3000,900,0,0,\n"
        )
    for deployment, machines in (
        ("prelim_b/instance_deploy", "prelim_b/machine_resources"),
        ("semifinal/instance_deploy.e", "semifinal/machine_resources.e"),
    ):
        found[f"tianchi2018/{deployment}.csv.xz"] = "i1,x,m1\ni2,x,m1\ni3,y,m2\n"
        found[f"tianchi2018/{machines}.csv.xz"] = "m1,8,8,200,1,1,1\nm2,8,16,200,2,1,1\n"
    return found


def _curve(value: float) -> str:
    return "|".join([str(value)] * TIMES)
