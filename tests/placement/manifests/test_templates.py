"""Pods that are alike share one template object."""

import copy

from placement.manifests import inventory_of


def pod(name, **changes):
    spec = {
        "containers": [{"name": "c", "image": "web", "resources": {"requests": {"cpu": "1"}}}],
        "volumes": [{"name": f"kube-api-access-{name}", "projected": {"sources": []}}],
        "hostname": name,
        "tolerations": [{"key": "a", "operator": "Exists"}],
        **changes,
    }
    metadata = {"name": name, "labels": {"app": "web"}, "annotations": {"who": name}, "resourceVersion": "1"}
    return {"kind": "Pod", "metadata": metadata, "spec": spec}


def templates(*pods):
    return [one.template for one in inventory_of(pods).pods.values()]


def test_names_nodes_annotations_and_tokens_do_not_tell_replicas_apart():
    nodes = [{"kind": "Node", "metadata": {"name": "n"}}]
    inventory = inventory_of([*nodes, pod("a"), pod("b", nodeName="n")])
    one, other = (pod.template for pod in inventory.pods.values())
    assert one is other


def test_two_spellings_of_one_meaning_are_one_template():
    spelt = pod("b")
    spelt["spec"]["containers"][0]["resources"] = {"requests": {"cpu": "1000m"}}
    one, other = templates(pod("a"), spelt)
    assert one is other


def test_a_limit_that_stands_in_for_a_request_is_one_template_with_the_request():
    limited = pod("b")
    limited["spec"]["containers"][0]["resources"] = {"limits": {"cpu": "1"}}
    one, other = templates(pod("a"), limited)
    assert one is other


def test_labels_namespace_and_claims_tell_pods_apart():
    labelled, elsewhere = pod("b"), pod("c")
    labelled["metadata"]["labels"] = {"app": "web", "canary": "yes"}
    elsewhere["metadata"]["namespace"] = "other"
    claiming = pod("d", volumes=[{"name": "v", "persistentVolumeClaim": {"claimName": "data"}}])
    assert len({id(one) for one in templates(pod("a"), labelled, elsewhere, claiming)}) == 4


def test_reading_leaves_the_given_dicts_alone():
    given = pod("a", nodeName="n", priorityClassName="system-node-critical")
    del given["metadata"]["resourceVersion"]
    before = copy.deepcopy(given)
    limits = {"limits": [{"type": "Container", "default": {"memory": "1Gi"}}]}
    inventory_of([given, {"kind": "LimitRange", "metadata": {"name": "l"}, "spec": limits}])
    assert given == before
