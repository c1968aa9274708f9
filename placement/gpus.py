"""Shared GPUs, as users of two schedulers write them; whole GPUs are extended resources like any other.

- Alibaba's gpushare-scheduler-extender (``AliyunContainerService/gpushare-scheduler-extender``, pkg/utils and
  pkg/cache): a pod limits ``aliyun.com/gpu-mem`` and lies on one GPU; a node offers ``aliyun.com/gpu-mem`` in all and
  ``aliyun.com/gpu-count``, each GPU having an equal part; annotation ``ALIYUN_COM_GPU_MEM_IDX`` says which one a
  running pod has.
- open-gpu-share (``alibaba/open-gpu-share``, and the scheduler simulator of ``hkust-adsl`` that goes with Alibaba's
  trace): annotations ``alibabacloud.com/gpu-milli`` of each of ``alibabacloud.com/gpu-count`` GPUs, of a model named in
  ``alibabacloud.com/gpu-card-model`` (``A|B`` for either); a node offers ``alibabacloud.com/gpu-count`` GPUs of 1000
  each and bears its model as a label; annotation ``alibabacloud.com/gpu-index`` (``0-2``) says which ones a running pod
  has.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from placement.errors import InputError
from placement.model.gpu import Gpu, GpuShare
from placement.model.labels import Labels
from placement.model.pod import Pod

MEMORY, MEMORY_COUNT, MEMORY_INDEX = "aliyun.com/gpu-mem", "aliyun.com/gpu-count", "ALIYUN_COM_GPU_MEM_IDX"
MILLI, MILLI_COUNT, MILLI_INDEX = (
    "alibabacloud.com/gpu-milli",
    "alibabacloud.com/gpu-count",
    "alibabacloud.com/gpu-index",
)
MODEL = "alibabacloud.com/gpu-card-model"

WHOLE_GPUS = "nvidia.com/gpu"
"""The extended resource of NVIDIA's device plugin."""

WHOLE = 1000
"""Thousandths of a GPU."""

MOST = 1024
"""GPUs of a node; a slip of the keyboard should not fill the memory."""

ASKED_BY = (MILLI, MILLI_COUNT, MODEL)
"""Annotations of a pod that say what it asks for, and so tell templates apart."""

NOT_JUDGED = frozenset(
    {"gpu-fraction", "gpu-memory", "nvidia.com/gpumem", "nvidia.com/gpucores", "volcano.sh/vgpu-number"}
)
"""Annotations and resources by which others ask for parts of GPUs (KAI, HAMi, Volcano)."""


def gpus_of(labels: Labels, allocatable: Mapping[str, int]) -> tuple[Gpu, ...]:
    """The GPUs that a node offers to share.

    Raises
    ------
    InputError
        If there are more than any machine has.
    """
    amounts: dict[int, dict[str, int]] = {}
    for count_name, name in ((MEMORY_COUNT, MEMORY), (MILLI_COUNT, MILLI)):
        count = allocatable.get(count_name, 0)
        if count > MOST:
            raise InputError(f"{count} GPUs, expected at most {MOST}", field=f"status.allocatable[{count_name}]")
        for index in range(count):
            amounts.setdefault(index, {})[name] = WHOLE if name == MILLI else allocatable.get(MEMORY, 0) // count
    model = labels.get(MODEL, "")
    return tuple(Gpu(index, amounts[index], model) for index in sorted(amounts))


def share_of(requests: Mapping[str, int], annotations: Labels) -> GpuShare | None:
    """What a pod asks for of GPUs that it may share, None for nothing.

    Of open-gpu-share's annotations the count may be left out, which is one GPU, and so may the amount, which is all
    of it.

    Raises
    ------
    InputError
        If an annotation is no number.
    """
    if requests.get(MEMORY, 0) > 0:
        return GpuShare(((MEMORY, requests[MEMORY]),))
    milli, count = _number(annotations, MILLI, WHOLE), _number(annotations, MILLI_COUNT, 1)
    if not (milli and count and (MILLI in annotations or MILLI_COUNT in annotations)):
        return None
    models = frozenset(name for name in annotations.get(MODEL, "").split("|") if name)
    return GpuShare(((MILLI, milli),), count, models)


def held(pod: Pod) -> tuple[int, ...]:
    """The GPUs that a running pod has by its annotations, () if it does not say."""
    if not pod.node:
        return ()
    written = pod.annotations.get(MILLI_INDEX) or pod.annotations.get(MEMORY_INDEX) or ""
    parts = written.split("-")
    return tuple(int(part) for part in parts) if all(map(_is_number, parts)) else ()


def holding(pod: Pod, gpus: tuple[int, ...]) -> Pod:
    """The pod as it says, once it runs, which GPUs it has; unchanged where they are not known."""
    share = pod.template.gpu_share
    if share is None or not gpus:
        return pod
    name = MEMORY_INDEX if share.amounts[0][0] == MEMORY else MILLI_INDEX
    kept = {key: value for key, value in pod.annotations.items() if key not in (MEMORY_INDEX, MILLI_INDEX)}
    return replace(pod, annotations=kept | {name: "-".join(map(str, gpus))})


def unknown(pod: Pod) -> tuple[str, ...]:
    """By which words a pod asks for a part of a GPU that no rule here judges."""
    if NOT_JUDGED.isdisjoint(pod.annotations) and NOT_JUDGED.isdisjoint(pod.template.requests):
        return ()
    return tuple(sorted(NOT_JUDGED & (pod.annotations.keys() | pod.template.requests.keys())))


def _number(annotations: Labels, name: str, otherwise: int) -> int:
    written = annotations.get(name)
    if written is None:
        return otherwise
    if not _is_number(written):
        raise InputError(f"expected a number, got {written!r}", field=f"metadata.annotations[{name}]")
    return int(written)


def _is_number(written: str) -> bool:
    return written.isascii() and written.isdigit() and len(written) < 10
