"""The Kubernetes objects of a workload: its controller, its pods, its service and its budget."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

from placement.generate.demands import NAMESPACES, PRIORITIES, Demand
from placement.generate.identity import fields_of, moment, suffix, uid
from placement.generate.machines import GPU

Object = dict[str, Any]

_API = {"Deployment": "apps/v1", "ReplicaSet": "apps/v1", "StatefulSet": "apps/v1", "DaemonSet": "apps/v1"}
_FAILING = [
    {"effect": "NoExecute", "key": f"node.kubernetes.io/{name}", "operator": "Exists", "tolerationSeconds": 300}
    for name in ("not-ready", "unreachable")
]


def cluster_objects(rng: random.Random) -> list[Object]:
    """Namespaces and priority classes."""
    namespaces = [
        {
            "apiVersion": "v1",
            "kind": "Namespace",
            "metadata": metadata(rng, name, "", {"kubernetes.io/metadata.name": name, "team": name}),
        }
        for name in ("kube-system", *NAMESPACES)
    ]
    priorities = [
        {
            "apiVersion": "scheduling.k8s.io/v1",
            "kind": "PriorityClass",
            "metadata": metadata(rng, name, "", {}),
            "value": value,
            "globalDefault": name == "normal",
        }
        for name, value in PRIORITIES.items()
    ]
    return namespaces + priorities


def metadata(rng: random.Random, name: str, namespace: str, labels: dict[str, str]) -> Object:
    """Metadata of an object that an API server has stored."""
    time = moment(rng)
    meta: Object = {
        "creationTimestamp": time,
        "labels": labels,
        "managedFields": fields_of("kube-controller-manager", ("metadata", "spec"), time),
        "name": name,
    }
    if namespace:
        meta["namespace"] = namespace
    meta["resourceVersion"] = str(rng.randrange(10**6, 10**9))
    meta["uid"] = uid(rng)
    return meta


def workload_objects(rng: random.Random, demand: Demand) -> tuple[list[Object], list[Object]]:
    """The controllers, service and budget of a workload, and its pods: those with a node first.

    Deployments come with the replica set that owns the pods.
    """
    labels = {"app": demand.name, "team": demand.namespace}
    selector = {"matchLabels": {"app": demand.name}}
    template = {"metadata": {"labels": labels}, "spec": pod_spec(demand)}
    controller: Object = {
        "apiVersion": _API.get(demand.kind, "batch/v1"),
        "kind": demand.kind,
        "metadata": metadata(rng, demand.name, demand.namespace, {"app": demand.name}),
        "spec": {"selector": selector, "template": template},
    }
    objects = [controller]
    owner = controller
    if demand.kind == "Job":
        controller["spec"] = {"completions": demand.replicas, "parallelism": demand.replicas, "template": template}
    else:
        controller["spec"]["replicas"] = demand.replicas
    if demand.kind == "Deployment":
        pod_hash = suffix(rng, 10)
        labels = {**labels, "pod-template-hash": pod_hash}
        owner = _replica_set(rng, demand, controller, labels, pod_hash)
        objects.append(owner)
    if demand.exposed:
        service = {"ports": [{"port": 80, "protocol": "TCP", "targetPort": 8080}], "selector": {"app": demand.name}}
        objects.append(_beside("v1", "Service", rng, demand, service))
    if demand.guarded and demand.replicas > 1 and demand.kind != "Job":
        objects.append(
            _beside("policy/v1", "PodDisruptionBudget", rng, demand, {"maxUnavailable": "10%", "selector": selector})
        )
    return objects, list(_pods(rng, demand, owner, labels))


def _replica_set(
    rng: random.Random, demand: Demand, deployment: Object, labels: dict[str, str], pod_hash: str
) -> Object:
    made: Object = {
        "apiVersion": "apps/v1",
        "kind": "ReplicaSet",
        "metadata": metadata(rng, f"{demand.name}-{pod_hash}", demand.namespace, labels),
        "spec": {
            "replicas": demand.replicas,
            "selector": {"matchLabels": {"app": demand.name, "pod-template-hash": pod_hash}},
            "template": {"metadata": {"labels": labels}, "spec": deployment["spec"]["template"]["spec"]},
        },
    }
    made["metadata"]["annotations"] = {"deployment.kubernetes.io/revision": "1"}
    made["metadata"]["ownerReferences"] = [reference(deployment)]
    return made


def _beside(version: str, kind: str, rng: random.Random, demand: Demand, spec: Object) -> Object:
    meta = metadata(rng, demand.name, demand.namespace, {"app": demand.name})
    return {"apiVersion": version, "kind": kind, "metadata": meta, "spec": spec}


def reference(owner: Object) -> Object:
    """An owner reference to a controller."""
    return {
        "apiVersion": owner["apiVersion"],
        "blockOwnerDeletion": True,
        "controller": True,
        "kind": owner["kind"],
        "name": owner["metadata"]["name"],
        "uid": owner["metadata"]["uid"],
    }


def pod_spec(demand: Demand) -> Object:
    """The pod spec of a workload's template, without what admission adds."""
    container = _container("app", f"registry.example/{demand.name}:1.4.2", demand.cpu, demand.memory)
    if demand.place == "gpu":
        container["resources"]["limits"] = container["resources"]["limits"] | {GPU: "1"}
        container["resources"]["requests"] = container["resources"]["requests"] | {GPU: "1"}
    port: Object = {"containerPort": 8080, "name": "http", "protocol": "TCP"}
    if demand.host_port:
        port |= {"containerPort": demand.host_port, "hostPort": demand.host_port}
    container["ports"] = [port]
    spec: Object = {
        "containers": [container],
        "dnsPolicy": "ClusterFirst",
        "priorityClassName": demand.priority,
        "restartPolicy": "Never" if demand.kind == "Job" else "Always",
        "schedulerName": "default-scheduler",
        "securityContext": {"fsGroup": 2000, "runAsNonRoot": True, "runAsUser": 1000},
        "serviceAccountName": "default",
        "terminationGracePeriodSeconds": 30,
    }
    inits = []
    if demand.init:
        inits.append(_container("setup", "registry.example/setup:2.0", max(demand.cpu // 2, 10), demand.memory))
    if demand.sidecar:
        # The application leaves room for it, so that the pod as a whole requests what was drawn.
        sidecar = _container(
            "proxy", "registry.example/proxy:3.1", max(demand.cpu // 10, 1), max(demand.memory // 10, 1)
        )
        app = _amounts(demand.cpu - max(demand.cpu // 10, 1), demand.memory - max(demand.memory // 10, 1))
        container["resources"]["requests"] = container["resources"]["requests"] | app
        inits.insert(0, sidecar | {"restartPolicy": "Always"})
    if inits:
        spec["initContainers"] = inits
    if demand.place in ("batch", "gpu"):
        key = GPU if demand.place == "gpu" else "dedicated"
        spec["nodeSelector"] = {"placement.dev/pool": demand.place}
        spec["tolerations"] = [{"effect": "NoSchedule", "key": key, "operator": "Exists"}]
    affinity = _affinity(demand)
    if affinity:
        spec["affinity"] = affinity
    if demand.skew:
        spec["topologySpreadConstraints"] = [
            {
                "labelSelector": {"matchLabels": {"app": demand.name}},
                "maxSkew": demand.skew,
                "topologyKey": "topology.kubernetes.io/zone",
                "whenUnsatisfiable": "DoNotSchedule" if demand.hard else "ScheduleAnyway",
            }
        ]
    return spec


def _amounts(cpu: int, memory: int) -> dict[str, str]:
    return {"cpu": f"{cpu}m", "memory": f"{memory}Mi"}


def _container(name: str, image: str, cpu: int, memory: int) -> Object:
    probe = {
        "failureThreshold": 3,
        "httpGet": {"path": "/healthz", "port": 8080, "scheme": "HTTP"},
        "periodSeconds": 10,
    }
    return {
        "env": [
            {"name": "POD_NAME", "valueFrom": {"fieldRef": {"apiVersion": "v1", "fieldPath": "metadata.name"}}},
            {"name": "LOG_LEVEL", "value": "info"},
            {"name": "OTEL_EXPORTER_OTLP_ENDPOINT", "value": "http://collector.observability:4317"},
        ],
        "image": image,
        "imagePullPolicy": "IfNotPresent",
        "livenessProbe": probe,
        "name": name,
        "readinessProbe": probe,
        "resources": {"limits": {"memory": f"{memory}Mi"}, "requests": _amounts(cpu, memory)},
        "terminationMessagePath": "/dev/termination-log",
        "terminationMessagePolicy": "File",
    }


def _affinity(demand: Demand) -> Object:
    affinity: Object = {}
    node: Object = {}
    if demand.place == "memory":
        expression = {
            "key": "node.kubernetes.io/instance-type",
            "operator": "In",
            "values": ["memory-16", "general-16"],
        }
        node["requiredDuringSchedulingIgnoredDuringExecution"] = {
            "nodeSelectorTerms": [{"matchExpressions": [expression]}]
        }
    if demand.affine:
        expression = {"key": "placement.dev/pool", "operator": "In", "values": ["spot"]}
        node["preferredDuringSchedulingIgnoredDuringExecution"] = [
            {"preference": {"matchExpressions": [expression]}, "weight": 20}
        ]
    if node:
        affinity["nodeAffinity"] = node
    if demand.near:
        affinity["podAffinity"] = {
            "preferredDuringSchedulingIgnoredDuringExecution": [
                {"podAffinityTerm": _term(demand.near, "topology.kubernetes.io/zone"), "weight": 50}
            ]
        }
    if demand.apart:
        term = _term(demand.name, "kubernetes.io/hostname")
        affinity["podAntiAffinity"] = (
            {"requiredDuringSchedulingIgnoredDuringExecution": [term]}
            if demand.hard
            else {"preferredDuringSchedulingIgnoredDuringExecution": [{"podAffinityTerm": term, "weight": 100}]}
        )
    return affinity


def _term(app: str, topology_key: str) -> Object:
    return {"labelSelector": {"matchLabels": {"app": app}}, "topologyKey": topology_key}


def _pods(rng: random.Random, demand: Demand, owner: Object, labels: dict[str, str]) -> Iterator[Object]:
    base = admitted(pod_spec(demand), PRIORITIES[demand.priority])
    if demand.kind == "Job":
        names = {"batch.kubernetes.io/job-name": demand.name, "job-name": demand.name}
        labels = {**labels, **names, "batch.kubernetes.io/controller-uid": owner["metadata"]["uid"]}
    for index in range(demand.replicas):
        node = demand.nodes[index] if index < len(demand.nodes) else ""
        if demand.kind == "StatefulSet":
            name = f"{demand.name}-{index}"
            own = labels | {"apps.kubernetes.io/pod-index": str(index), "statefulset.kubernetes.io/pod-name": name}
            yield pod_object(rng, name, demand.namespace, own, owner, base, node)
        else:
            name = f"{owner['metadata']['name']}-{suffix(rng, 5)}{index:x}"
            yield pod_object(rng, name, demand.namespace, labels, owner, base, node)


def admitted(spec: Object, priority: int) -> Object:
    """A pod spec as the API server stores it: priority, tolerations of failing nodes."""
    tolerations = spec.get("tolerations", []) + _FAILING
    return spec | {"preemptionPolicy": "PreemptLowerPriority", "priority": priority, "tolerations": tolerations}


def pod_object(
    rng: random.Random, name: str, namespace: str, labels: dict[str, str], owner: Object, base: Object, node: str
) -> Object:
    """A pod, running on a node, or pending if `node` is ""."""
    token = f"kube-api-access-{suffix(rng, 5)}"
    meta = metadata(rng, name, namespace, labels)
    time = meta["creationTimestamp"]
    meta["managedFields"] = meta["managedFields"] + fields_of("kubelet", ("status",), time)
    meta["ownerReferences"] = [reference(owner)]
    mount = {"mountPath": "/var/run/secrets/kubernetes.io/serviceaccount", "name": token, "readOnly": True}
    spec = base | {
        "containers": [one | {"volumeMounts": [mount]} for one in base["containers"]],
        "volumes": [{"name": token, "projected": _TOKEN}],
    }
    if node:
        spec["nodeName"] = node
        status = _running(rng, base, time)
    else:
        condition = {"lastTransitionTime": time, "reason": "Unschedulable", "status": "False", "type": "PodScheduled"}
        status = {"conditions": [condition], "phase": "Pending", "qosClass": "Burstable"}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": meta, "spec": spec, "status": status}


_TOKEN = {
    "defaultMode": 420,
    "sources": [
        {"serviceAccountToken": {"expirationSeconds": 3607, "path": "token"}},
        {"configMap": {"items": [{"key": "ca.crt", "path": "ca.crt"}], "name": "kube-root-ca.crt"}},
    ],
}


def _running(rng: random.Random, spec: Object, time: str) -> Object:
    address = f"10.{rng.randrange(256)}.{rng.randrange(256)}.{rng.randrange(1, 255)}"
    return {
        "conditions": [
            {"lastTransitionTime": time, "status": "True", "type": kind}
            for kind in ("PodReadyToStartContainers", "Initialized", "Ready", "ContainersReady", "PodScheduled")
        ],
        "containerStatuses": [_container_status(rng, one, time) for one in spec["containers"]],
        **(
            {"initContainerStatuses": [_container_status(rng, one, time) for one in spec["initContainers"]]}
            if "initContainers" in spec
            else {}
        ),
        "phase": "Running",
        "podIP": address,
        "podIPs": [{"ip": address}],
        "qosClass": "Burstable",
        "startTime": time,
    }


def _container_status(rng: random.Random, container: Object, time: str) -> Object:
    return {
        "allocatedResources": container["resources"]["requests"],
        "containerID": f"containerd://{rng.getrandbits(256):064x}",
        "image": container["image"],
        "name": container["name"],
        "ready": True,
        "resources": container["resources"],
        "restartCount": 0,
        "started": True,
        "state": {"running": {"startedAt": time}},
    }
