"""Claims, volumes, classes and limits as they are read."""

import pytest

from placement.errors import InputError
from placement.manifests import inventory_of
from placement.model.affinity import NodeSelectorTerm
from placement.model.labels import Operator, Requirement, Selector


def named(kind, *, annotations=None, **more):
    metadata = {"name": "x", "annotations": annotations or {}}
    return {"kind": kind, "metadata": metadata, **more}


def claim(annotations=None, **spec):
    return inventory_of([named("PersistentVolumeClaim", annotations=annotations, spec=spec)]).claims["default", "x"]


def volume(**more):
    return inventory_of([named("PersistentVolume", **more)]).volumes["x"]


class TestClaim:
    def test_is_bound_once_its_binding_is_complete(self):
        assert not claim(volumeName="v").bound
        assert claim({"pv.kubernetes.io/bind-completed": "yes"}, volumeName="v").bound

    def test_rounds_its_size_up(self):
        assert claim(resources={"requests": {"storage": "1500m"}}).request == 2

    def test_tells_no_class_from_the_empty_class(self):
        assert claim().storage_class is None
        assert claim(storageClassName="").storage_class == ""
        assert claim({"volume.beta.kubernetes.io/storage-class": "old"}).storage_class == "old"

    def test_has_a_selector_and_a_node_that_was_chosen(self):
        made = claim({"volume.kubernetes.io/selected-node": "n"}, selector={"matchLabels": {"a": "b"}})
        assert made.selector == Selector.of({"a": "b"})
        assert made.selected_node == "n"

    def test_reads_modes_and_its_owner(self):
        written = named("PersistentVolumeClaim", spec={"accessModes": ["ReadWriteOnce"], "volumeMode": "Block"})
        written["metadata"]["ownerReferences"] = [{"kind": "Pod", "name": "p", "uid": "7", "controller": True}]
        made = inventory_of([written]).claims["default", "x"]
        assert (made.access_modes, made.volume_mode, made.owner_uid) == ({"ReadWriteOnce"}, "Block", "7")


class TestVolume:
    def test_reads_driver_handle_and_claim(self):
        spec = {
            "csi": {"driver": "d", "volumeHandle": "h"},
            "claimRef": {"namespace": "ns", "name": "c", "uid": "1"},
            "capacity": {"storage": "1Gi"},
        }
        made = volume(spec=spec, status={"phase": "Bound"})
        assert (made.driver, made.handle, made.claim, made.claim_uid) == ("d", "h", ("ns", "c"), "1")
        assert (made.capacity, made.phase) == (2**30, "Bound")

    def test_carries_the_driver_an_in_tree_kind_migrated_to(self):
        made = volume(spec={"awsElasticBlockStore": {"volumeID": "vol-1"}})
        assert (made.driver, made.handle) == ("ebs.csi.aws.com", "vol-1")

    def test_without_node_affinity_is_reachable_from_everywhere(self):
        assert volume(spec={}).affinity is None

    def test_reads_its_node_affinity(self):
        terms = [{"matchExpressions": [{"key": "zone", "operator": "In", "values": ["a"]}]}]
        made = volume(spec={"nodeAffinity": {"required": {"nodeSelectorTerms": terms}}})
        assert made.affinity == (NodeSelectorTerm((Requirement("zone", Operator.IN, ("a",)),)),)


def test_reads_storage_classes():
    written = named(
        "StorageClass",
        annotations={"storageclass.kubernetes.io/is-default-class": "true"},
        provisioner="d",
        volumeBindingMode="WaitForFirstConsumer",
        allowedTopologies=[{"matchLabelExpressions": [{"key": "zone", "values": ["a", "b"]}]}],
    )
    made = inventory_of([written]).storage_classes["x"]
    assert (made.provisioner, made.wait_for_consumer, made.is_default) == ("d", True, True)
    assert made.allowed_topologies == ((("zone", ("a", "b")),),)


def test_a_driver_without_a_count_has_no_limit():
    drivers = [{"name": "a", "allocatable": {"count": 3}}, {"name": "b", "allocatable": {}}, {"name": "c"}]
    drivers[2] |= {"topologyKeys": ["zone", "rack"]}
    made = inventory_of([named("CSINode", spec={"drivers": drivers})]).csi_nodes["x"]
    assert made.limits == {"a": 3}
    assert made.drivers == {"a", "b", "c"}
    assert made.topology_keys == {"c": ("zone", "rack")}


def test_reads_disruption_budgets():
    spec = {"minAvailable": "50%", "selector": {}, "unhealthyPodEvictionPolicy": "AlwaysAllow"}
    (made,) = inventory_of([named("PodDisruptionBudget", spec=spec, status={"disruptionsAllowed": 2})]).budgets
    assert (made.min_available, made.max_unavailable, made.disruptions_allowed) == ("50%", None, 2)
    assert made.selector == Selector()
    assert made.always_allow_unhealthy


class TestCapacity:
    def test_a_driver_opts_in(self):
        written = [
            {"kind": "CSIDriver", "metadata": {"name": name}, "spec": spec}
            for name, spec in (("a", {"storageCapacity": True}), ("b", {"storageCapacity": False}), ("c", {}))
        ]
        assert inventory_of(written).capacity_drivers == frozenset({"a"})

    def test_the_largest_volume_counts_before_all_there_is(self):
        def capacity(**more):
            (made,) = inventory_of([named("CSIStorageCapacity", storageClassName="fast", **more)]).storage_capacities
            return made

        assert capacity(capacity="1Gi").largest == 1 << 30
        assert capacity(capacity="1Gi", maximumVolumeSize="1500m").largest == 2
        assert capacity().largest is None
        assert capacity().nodes is None
        assert capacity(nodeTopology={"matchLabels": {"zone": "a"}}).nodes == Selector.of({"zone": "a"})

    def test_an_amount_that_is_none_names_its_field(self):
        with pytest.raises(InputError, match=r"CSIStorageCapacity default/x: capacity: 'much' is not a quantity"):
            inventory_of([named("CSIStorageCapacity", capacity="much")])
