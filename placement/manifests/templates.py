"""Pod templates: the scheduling-relevant part of a pod, one object for all pods that are alike."""

from __future__ import annotations

from collections.abc import Hashable, Iterable

import msgspec

from placement.errors import InputError
from placement.gpus import ASKED_BY, share_of
from placement.manifests import amounts
from placement.manifests.affinity import node_affinity, pod_affinity, spread_constraint
from placement.manifests.breakdown import breakdown
from placement.manifests.selectors import labels_of, tolerations
from placement.manifests.wire import pod as wire
from placement.model.labels import Labels
from placement.model.pod import HostPort, PodTemplate
from placement.model.volume import ClaimVolume, DiskVolume, InlineCsiVolume, Volume

_ENCODER = msgspec.json.Encoder(order="deterministic")


class Templates:
    """Makes pod templates and gives the same object for the same content.

    Two stages keep a dump of many replicas cheap: the encoded wire form is looked up first, and only what was not
    seen before is converted and compared by what it means.
    """

    def __init__(self) -> None:
        self._by_wire: dict[bytes, PodTemplate] = {}
        self._by_content: dict[Hashable, PodTemplate] = {}

    @property
    def num_kept(self) -> int:
        """Wire forms that are remembered."""
        return len(self._by_wire)

    def template(
        self,
        spec: wire.PodSpec,
        namespace: str,
        labels: dict[str, str],
        where: str,
        *,
        pod: str = "",
        annotations: Labels | None = None,
        resize: wire.Resize | None = None,
    ) -> PodTemplate:
        """The template of a pod, or of the pods a workload would create.

        Parameters
        ----------
        spec : wire.PodSpec
            Changed in place: what does not bear on placement is dropped.
        namespace : str
        labels : dict of str to str
            The pod's labels.
        where : str
            Field path of the spec, for errors.
        pod : str
            The pod's name, which ephemeral volumes need; "" leaves ephemeral volumes out.
        annotations : mapping of str to str, optional
            The pod's; only those that ask for shares of GPUs are looked at.
        resize : wire.Resize or None
            What the pod's status says of a resize in place, None for nothing.

        Raises
        ------
        InputError
            If a field is wrong.
        """
        spec.node_name = None
        if spec.volumes:
            spec.volumes = list(_bearing(spec.volumes, pod))
        asking = {name: annotations[name] for name in ASKED_BY if name in annotations} if annotations else {}
        key = _ENCODER.encode((namespace, labels, spec, resize, asking))
        template = self._by_wire.get(key)
        if template is None:
            template = self.shared(_converted(spec, namespace, labels, asking, resize or wire.Resize(), where))
            self._by_wire[key] = template
        return template

    def shared(self, template: PodTemplate) -> PodTemplate:
        """The one object of this content: the first that was seen."""
        return self._by_content.setdefault(_content(template), template)


def _bearing(volumes: Iterable[wire.Volume], pod: str) -> Iterable[wire.Volume]:
    # Projected tokens, config maps and the like say nothing, and their generated names would tell replicas apart.
    scratch = False
    for volume in volumes:
        if volume.empty_dir is not None:
            scratch = True
        elif volume.ephemeral is not None:
            if pod:
                claim = wire.ClaimSource(claim_name=f"{pod}-{volume.name}")
                yield wire.Volume(persistent_volume_claim=claim, ephemeral=wire.EphemeralSource())
        elif volume != wire.Volume(name=volume.name):
            volume.name = None
            yield volume
    if scratch:
        yield wire.Volume(empty_dir=wire.EmptyDir())


def _content(template: PodTemplate) -> Hashable:
    def pairs(mapping: Labels | dict[str, int]) -> Hashable:
        return frozenset(mapping.items())

    return (
        template.namespace,
        pairs(template.labels),
        pairs(dict(template.requests)),
        pairs(dict(template.scored_requests)),
        template.incoming_requests and pairs(dict(template.incoming_requests)),
        pairs(template.node_selector),
        template.node_affinity,
        template.affinity,
        template.anti_affinity,
        template.spread,
        template.tolerations,
        template.host_ports,
        template.volumes,
        template.scratch,
        template.images,
        template.priority,
        template.preempts,
        template.scheduling_gates,
        template.scheduler_name,
        template.termination_grace_period,
        template.device_claims,
        template.gpu_share,
        template.breakdown.containers,
    )


def _converted(
    spec: wire.PodSpec,
    namespace: str,
    labels: dict[str, str],
    annotations: Labels,
    resize: wire.Resize,
    where: str,
) -> PodTemplate:
    requests, scored = amounts.effective(spec, resize, where)
    incoming = None
    if spec.resources is not None:
        of_containers = msgspec.structs.replace(spec, resources=None)
        incoming = amounts.effective(of_containers, resize, where)[1]
    affinity = spec.affinity or wire.Affinity()
    path = f"{where}.affinity"
    grace = spec.termination_grace_period_seconds
    return PodTemplate(
        namespace=namespace,
        labels=labels,
        requests=requests,
        scored_requests=scored,
        incoming_requests=incoming,
        node_selector=labels_of(spec.node_selector),
        node_affinity=node_affinity(affinity.node_affinity, f"{path}.nodeAffinity"),
        affinity=pod_affinity(affinity.pod_affinity, namespace, labels, f"{path}.podAffinity"),
        anti_affinity=pod_affinity(affinity.pod_anti_affinity, namespace, labels, f"{path}.podAntiAffinity"),
        spread=tuple(
            spread_constraint(constraint, labels, f"{where}.topologySpreadConstraints[{index}]")
            for index, constraint in enumerate(spec.topology_spread_constraints or ())
        ),
        tolerations=tolerations(spec.tolerations or (), f"{where}.tolerations"),
        host_ports=tuple(_host_ports(spec, where)),
        volumes=tuple(_volume(volume, where) for volume in spec.volumes or () if volume.empty_dir is None),
        scratch=any(volume.empty_dir is not None for volume in spec.volumes or ()),
        images=tuple(
            normalised_image(container.image or "")
            for container in (*(spec.init_containers or ()), *(spec.containers or ()))
        ),
        priority=spec.priority or 0,
        preempts=spec.preemption_policy != "Never",
        scheduling_gates=tuple(gate.name or "" for gate in spec.scheduling_gates or ()),
        scheduler_name=spec.scheduler_name or "default-scheduler",
        termination_grace_period=30 if grace is None else grace,
        device_claims=tuple(claim.name or "" for claim in spec.resource_claims or ()),
        gpu_share=share_of(requests, annotations),
        breakdown=breakdown(spec, where),
    )


def normalised_image(name: str) -> str:
    """The image's name with a tag, as the ImageLocality plugin looks for it (``normalizedImageName``)."""
    return name if name.rfind(":") > name.rfind("/") else f"{name}:latest"


def _host_ports(spec: wire.PodSpec, where: str) -> Iterable[HostPort]:
    # Init containers that end before the pod runs hold no port for good (schedutil.GetHostPorts).
    groups = (("initContainers", spec.init_containers or ()), ("containers", spec.containers or ()))
    for group, containers in groups:
        for index, container in enumerate(containers):
            if group == "initContainers" and container.restart_policy != "Always":
                continue
            for place, port in enumerate(container.ports or ()):
                number = port.host_port or (port.container_port if spec.host_network else 0) or 0
                if not 0 <= number <= 65535:
                    path = f"{where}.{group}[{index}].ports[{place}].hostPort"
                    raise InputError(f"{number} is not a port, expected 1 to 65535", field=path)
                if number:
                    yield HostPort(number, port.protocol or "TCP", port.host_ip or "0.0.0.0")


def _volume(written: wire.Volume, where: str) -> Volume:
    if written.persistent_volume_claim is not None:
        claim = written.persistent_volume_claim
        if not claim.claim_name:
            raise InputError("expected a claim's name", field=f"{where}.volumes.persistentVolumeClaim.claimName")
        return ClaimVolume(claim.claim_name, bool(claim.read_only), ephemeral=written.ephemeral is not None)
    if written.gce_persistent_disk is not None:
        gce = written.gce_persistent_disk
        return DiskVolume("gcePersistentDisk", (gce.pd_name or "",), bool(gce.read_only))
    if written.aws_elastic_block_store is not None:
        aws = written.aws_elastic_block_store
        return DiskVolume("awsElasticBlockStore", (aws.volume_id or "",), bool(aws.read_only))
    if written.rbd is not None:
        rbd = written.rbd
        identity = (rbd.pool or "rbd", rbd.image or "")
        return DiskVolume("rbd", identity, bool(rbd.read_only), frozenset(rbd.monitors or ()))
    if written.iscsi is not None:
        return DiskVolume("iscsi", (written.iscsi.iqn or "",), bool(written.iscsi.read_only))
    return InlineCsiVolume((written.csi and written.csi.driver) or "")
