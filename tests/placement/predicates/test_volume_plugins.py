"""VolumeRestrictions, NodeVolumeLimits, VolumeBinding and VolumeZone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from placement.compiler.storage import storage_class_of
from placement.model.affinity import NodeSelectorTerm
from placement.model.inventory import Inventory
from placement.model.labels import Operator, Requirement, Selector
from placement.model.topology import REGION, ZONE
from placement.model.volume import (
    ClaimVolume,
    CsiNode,
    DiskVolume,
    InlineCsiVolume,
    PersistentVolume,
    PersistentVolumeClaim,
    StorageCapacity,
    StorageClass,
    default_class,
)
from placement.predicates.verdict import verdict
from tests.placement.objects import GIB, judged, node, only_refusal, pod, refused, snapshot, storage

EBS = "ebs.csi.aws.com"
LOCAL = StorageClass("local", "kubernetes.io/no-provisioner", wait_for_consumer=True)
LATER = StorageClass("later", EBS, wait_for_consumer=True)
AT_ONCE = StorageClass("at-once", EBS)


def in_zone(*zones):
    return (NodeSelectorTerm((Requirement(ZONE, Operator.IN, zones),)),)


def claim(name, volume="", **more):
    more.setdefault("bound", bool(volume))
    return PersistentVolumeClaim(name, "default", volume=volume, **more)


def local(name, zone="z0", **more):
    more = {"capacity": 10 * GIB, "phase": "Available", "affinity": in_zone(zone)} | more
    return PersistentVolume(name, storage_class="local", **more)


def using(name, *claims, on="", **more):
    return pod(name, on=on, volumes=tuple(ClaimVolume(one) for one in claims), **more)


NODES = [node("a", zone="z0"), node("b", zone="z1")]


# VolumeRestrictions


@pytest.mark.parametrize(
    ("kind", "both_read", "conflict"),
    [
        ("gcePersistentDisk", False, True),
        ("gcePersistentDisk", True, False),
        ("awsElasticBlockStore", True, True),
        ("iscsi", True, False),
        ("iscsi", False, True),
    ],
)
def test_a_disk_is_mounted_once(kind, both_read, conflict):
    disk = DiskVolume(kind, ("x",), read_only=both_read)
    state = snapshot(NODES, [pod("q", on="a", volumes=(disk,))])
    answer = judged("VolumeRestrictions", pod("p", volumes=(disk,)), state)
    assert ("a" in answer.infeasible) is conflict
    assert "b" in answer.feasible


def test_rbd_images_are_the_same_only_behind_a_common_monitor():
    def image(*monitors):
        return DiskVolume("rbd", ("pool", "image"), monitors=frozenset(monitors))

    state = snapshot(NODES, [pod("q", on="a", volumes=(image("m1", "m2"),))])
    assert refused("VolumeRestrictions", pod("p", volumes=(image("m2", "m3"),)), state) == {
        "a": ("node(s) had no available disk",)
    }
    assert judged("VolumeRestrictions", pod("p", volumes=(image("m3"),)), state).feasible == ["a", "b"]


def test_a_claim_for_one_pod_is_refused_to_a_second_everywhere():
    alone = claim("c", "v", access_modes=frozenset({"ReadWriteOncePod"}))
    state = snapshot(NODES, [using("q", "c", on="a")], **storage([alone]))
    answer = judged("VolumeRestrictions", using("p", "c"), state)
    assert answer.feasible == []
    assert only_refusal(answer).resolvable
    assert "ReadWriteOncePod access mode already in-use by another pod" in only_refusal(answer).reasons[0]


def test_a_claim_for_one_pod_is_free_again_when_the_pod_has_gone():
    alone = claim("c", "v", access_modes=frozenset({"ReadWriteOncePod"}))
    first = using("q", "c", on="a")
    state = snapshot(NODES, [first], **storage([alone]))
    state.unbind(first)
    assert judged("VolumeRestrictions", using("p", "c"), state).feasible == ["a", "b"]


def test_a_claim_that_does_not_exist_refuses_all_nodes():
    answer = verdict(using("p", "c"), snapshot(NODES))
    assert only_refusal(answer).plugin == "VolumeRestrictions"
    assert only_refusal(answer).reasons == ('persistentvolumeclaim "c" not found',)
    assert not only_refusal(answer).resolvable


# NodeVolumeLimits


def limited(limit, pods, claims, volumes=(), classes=()):
    return snapshot([NODES[0]], pods, csi_nodes={"a": CsiNode("a", {EBS: limit})}, **storage(claims, volumes, classes))


def ebs(name):
    return PersistentVolume(name, driver=EBS, handle=f"vol-{name}")


def test_a_node_attaches_no_more_volumes_than_it_can():
    claims = [claim(f"c{i}", f"v{i}") for i in range(3)]
    volumes = [ebs(f"v{i}") for i in range(3)]
    full = limited(2, [using("q", "c0", "c1", on="a")], claims, volumes)
    answer = judged("NodeVolumeLimits", using("p", "c2"), full)
    assert only_refusal(answer).reasons == ("node(s) exceed max volume count",)
    assert only_refusal(answer).resolvable
    roomy = limited(3, [using("q", "c0", "c1", on="a")], claims, volumes)
    assert judged("NodeVolumeLimits", using("p", "c2"), roomy).feasible == ["a"]


def test_a_volume_that_two_pods_share_is_attached_once():
    claims, volumes = [claim("c0", "v0"), claim("c1", "v1")], [ebs("v0"), ebs("v1")]
    state = limited(2, [using("q", "c0", on="a"), using("r", "c0", on="a")], claims, volumes)
    assert judged("NodeVolumeLimits", using("p", "c0"), state).feasible == ["a"]
    assert judged("NodeVolumeLimits", using("p", "c1"), state).feasible == ["a"]


def test_a_volume_yet_to_be_made_counts_for_the_driver_of_its_class():
    claims = [claim("new", storage_class="later"), claim("old", "v0")]
    state = limited(1, [using("q", "old", on="a")], claims, [ebs("v0")], [LATER])
    assert judged("NodeVolumeLimits", using("p", "new"), state).feasible == []
    assert judged("NodeVolumeLimits", using("p", "old"), state).feasible == ["a"]


def test_in_tree_kinds_count_for_the_driver_that_took_them_over():
    in_tree = StorageClass("gp2", "kubernetes.io/aws-ebs", wait_for_consumer=True)
    inline = DiskVolume("awsElasticBlockStore", ("aws://us-east-1a/vol-v0",))
    state = limited(1, [pod("q", on="a", volumes=(inline,))], [claim("c", storage_class="gp2"), claim("d", "v0")],
                    [ebs("v0")], [in_tree])  # fmt: skip
    assert judged("NodeVolumeLimits", using("p", "c"), state).feasible == []
    assert judged("NodeVolumeLimits", using("p", "d"), state).feasible == ["a"]


def test_other_drivers_and_inline_csi_volumes_are_not_limited():
    state = limited(0, [], [claim("c", "v")], [PersistentVolume("v", driver="other", handle="x")])
    assert judged("NodeVolumeLimits", using("p", "c"), state).feasible == ["a"]
    assert judged("NodeVolumeLimits", pod("p", volumes=(InlineCsiVolume(EBS),)), state).feasible == ["a"]


def test_a_limit_of_zero_is_a_limit():
    assert judged("NodeVolumeLimits", using("p", "c"), limited(0, [], [claim("c", "v")], [ebs("v")])).feasible == []


def test_an_attachment_that_no_pod_of_the_node_uses_takes_its_place():
    claims, volumes = [claim("c", "v")], [ebs("v"), ebs("stale")]
    more = {"csi_nodes": {"a": CsiNode("a", {EBS: 1})}} | storage(claims, volumes)
    free = snapshot([NODES[0]], **more)
    assert judged("NodeVolumeLimits", using("p", "c"), free).feasible == ["a"]
    taken = snapshot([NODES[0]], attachments={"a": frozenset({(EBS, "stale")})}, **more)
    assert judged("NodeVolumeLimits", using("p", "c"), taken).feasible == []


def test_an_attachment_of_a_volume_in_use_is_counted_once():
    claims, volumes = [claim("c", "v"), claim("d", "w")], [ebs("v"), ebs("w")]
    state = snapshot(
        [NODES[0]],
        [using("q", "d", on="a")],
        csi_nodes={"a": CsiNode("a", {EBS: 2})},
        attachments={"a": frozenset({(EBS, "w")})},
        **storage(claims, volumes),
    )
    assert judged("NodeVolumeLimits", using("p", "c"), state).feasible == ["a"]


def test_a_claim_that_is_missing_cannot_be_counted():
    assert refused("NodeVolumeLimits", using("p", "c"), snapshot([NODES[0]])) == {
        "a": ('looking up PVC default/c: persistentvolumeclaim "c" not found',)
    }


# VolumeBinding


def test_follows_a_bound_volume_to_its_nodes():
    state = snapshot(NODES, **storage([claim("c", "v")], [PersistentVolume("v", affinity=in_zone("z1"))]))
    answer = judged("VolumeBinding", using("p", "c"), state)
    assert answer.feasible == ["b"]
    assert only_refusal(answer).reasons == ("node(s) didn't match PersistentVolume's node affinity",)
    assert not only_refusal(answer).resolvable


def test_a_bound_volume_that_is_missing_refuses_the_node():
    state = snapshot(NODES, **storage([claim("c", "v")]))
    assert only_refusal(judged("VolumeBinding", using("p", "c"), state)).reasons == (
        "node(s) unavailable due to one or more pvc(s) bound to non-existent pv(s)",
    )


@pytest.mark.parametrize(
    "unbound", [claim("c", storage_class="at-once"), claim("c"), claim("c", "v", bound=False, storage_class="later")]
)
def test_waits_for_claims_that_the_volume_controller_binds(unbound):
    state = snapshot(NODES, **storage([unbound], classes=[AT_ONCE, LATER]))
    assert only_refusal(judged("VolumeBinding", using("p", "c"), state)).reasons == (
        "pod has unbound immediate PersistentVolumeClaims",
    )


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        ({"lost": True}, 'persistentvolumeclaim "c" bound to non-existent persistentvolume "v"'),
        ({"deleting": True}, 'persistentvolumeclaim "c" is being deleted'),
    ],
)
def test_a_claim_that_is_gone_or_going_refuses_all_nodes(fault, reason):
    state = snapshot(NODES, **storage([claim("c", "v", **fault)]))
    assert only_refusal(judged("VolumeBinding", using("p", "c"), state)).reasons == (reason,)


def test_a_generated_claim_must_exist_and_be_the_pods_own():
    volumes = (ClaimVolume("p-data", ephemeral=True),)
    mine = pod("p", uid="u1", volumes=volumes)
    waiting = verdict(mine, snapshot(NODES))
    assert only_refusal(waiting).reasons == (
        'waiting for ephemeral volume controller to create the persistentvolumeclaim "p-data"',
    )
    foreign = snapshot(NODES, **storage([claim("p-data", "v", owner_uid="u2")], [PersistentVolume("v")]))
    assert only_refusal(verdict(mine, foreign)).reasons == (
        "PVC default/p-data was not created for pod default/p (pod is not owner)",
    )
    own = snapshot(NODES, **storage([claim("p-data", "v", owner_uid="u1")], [PersistentVolume("v")]))
    assert verdict(mine, own).feasible == ["a", "b"]


def test_finds_a_free_volume_for_a_waiting_claim():
    state = snapshot(NODES, **storage([claim("c", storage_class="local", request=GIB)], [local("v")], [LOCAL]))
    answer = judged("VolumeBinding", using("p", "c"), state)
    assert answer.feasible == ["a"]
    assert only_refusal(answer).reasons == ("node(s) didn't find available persistent volumes to bind",)


@pytest.mark.parametrize(
    "unfit",
    [
        {"capacity": GIB - 1},
        {"phase": "Bound"},
        {"claim": ("default", "other")},
        {"volume_mode": "Block"},
        {"access_modes": frozenset({"ReadOnlyMany"})},
        {"labels": {"tier": "slow"}},
        {"deleting": True},
    ],
)
def test_a_volume_that_does_not_fit_is_not_found(unfit):
    wanted = claim(
        "c",
        storage_class="local",
        request=GIB,
        access_modes=frozenset({"ReadWriteOnce"}),
        selector=Selector.of({"tier": "fast"}),
    )
    fits = {"labels": {"tier": "fast"}, "access_modes": frozenset({"ReadWriteOnce", "ReadOnlyMany"})}
    found = snapshot(NODES, **storage([wanted], [local("v", **fits)], [LOCAL]))
    assert judged("VolumeBinding", using("p", "c"), found).feasible == ["a"]
    missed = snapshot(NODES, **storage([wanted], [local("v", **fits | unfit)], [LOCAL]))
    assert judged("VolumeBinding", using("p", "c"), missed).feasible == []


def test_a_volume_meant_for_the_claim_is_the_only_one_it_takes():
    meant = local("v", zone="z0", claim=("default", "c"), phase="Available")
    state = snapshot(NODES, **storage([claim("c", storage_class="local")], [meant, local("w", zone="z1")], [LOCAL]))
    assert judged("VolumeBinding", using("p", "c"), state).feasible == ["a"]


def test_two_claims_of_one_pod_need_two_volumes():
    claims = [claim("c", storage_class="local"), claim("d", storage_class="local")]
    one = snapshot(NODES, **storage(claims, [local("v")], [LOCAL]))
    assert judged("VolumeBinding", using("p", "c", "d"), one).feasible == []
    two = snapshot(NODES, **storage(claims, [local("v"), local("w")], [LOCAL]))
    assert judged("VolumeBinding", using("p", "c", "d"), two).feasible == ["a"]


def test_small_claims_leave_the_large_volumes_to_large_claims():
    claims = [claim("big", storage_class="local", request=9), claim("small", storage_class="local", request=1)]
    volumes = [local("large", capacity=9), local("little", capacity=2)]
    state = snapshot(NODES, **storage(claims, volumes, [LOCAL]))
    assert judged("VolumeBinding", using("p", "big", "small"), state).feasible == ["a"]


def test_a_volume_promised_to_one_pod_is_not_promised_to_the_next():
    claims = [claim("c", storage_class="local"), claim("d", storage_class="local")]
    state = snapshot(NODES, **storage(claims, [local("v")], [LOCAL]))
    first, second = using("p", "c"), using("q", "d")
    state.bind(first, "a")
    assert judged("VolumeBinding", second, state).feasible == []
    state.unbind(first)
    assert judged("VolumeBinding", second, state).feasible == ["a"]


def test_a_class_makes_volumes_where_its_topology_allows():
    here = StorageClass("later", EBS, wait_for_consumer=True, allowed_topologies=(((ZONE, ("z1", "z2")),),))
    state = snapshot(NODES, **storage([claim("c", storage_class="later")], classes=[here]))
    assert judged("VolumeBinding", using("p", "c"), state).feasible == ["b"]


def test_a_claim_whose_node_is_chosen_keeps_to_it():
    state = snapshot(NODES, **storage([claim("c", storage_class="later", selected_node="b")], classes=[LATER]))
    assert judged("VolumeBinding", using("p", "c"), state).feasible == ["b"]


def test_a_claim_to_be_provisioned_for_one_pod_holds_the_next_pod_to_the_same_node():
    state = snapshot(NODES, **storage([claim("c", storage_class="later")], classes=[LATER]))
    first, second = using("p", "c"), using("q", "c")
    state.bind(first, "b")
    assert judged("VolumeBinding", using("r", "c"), state).feasible == ["b"]
    state.bind(second, "b")
    state.unbind(first)
    assert judged("VolumeBinding", using("r", "c"), state).feasible == ["b"]
    state.unbind(second)
    assert judged("VolumeBinding", using("r", "c"), state).feasible == ["a", "b"]


def test_a_claim_that_names_no_class_gets_the_default_one():
    default = StorageClass("later", EBS, wait_for_consumer=True, is_default=True)
    state = snapshot(NODES, **storage([claim("c")], classes=[default]))
    assert judged("VolumeBinding", using("p", "c"), state).feasible == ["a", "b"]
    unwanted = snapshot(NODES, **storage([claim("c", storage_class="")], classes=[default]))
    assert judged("VolumeBinding", using("p", "c"), unwanted).feasible == []


@given(
    st.lists(
        st.builds(
            StorageClass,
            name=st.sampled_from("abcdefgh"),
            provisioner=st.just(EBS),
            wait_for_consumer=st.booleans(),
            is_default=st.booleans(),
            creation=st.sampled_from(["", "2026-01-01T00:00:00Z", "2026-11-01T00:00:00Z"]),
        ),
        unique_by=lambda one: one.name,
    )
)
def test_of_several_default_classes_all_take_the_newest_then_the_first_by_name(classes):
    asked = claim("c")
    inventory = Inventory(storage_classes={one.name: one for one in classes}, claims={("default", "c"): asked})
    found = default_class(classes)
    assert storage_class_of(asked, inventory) is found
    assert snapshot(NODES, **storage([asked], classes=classes)).storage.storage_class(asked) is found
    for other in classes:
        if found is not None and other.is_default and other is not found:
            assert other.creation <= found.creation
            assert other.creation < found.creation or found.name < other.name
    assert (found is None) == (not any(one.is_default for one in classes))


def test_gives_both_reasons_where_bound_and_waiting_claims_fail():
    claims = [claim("c", "v"), claim("d", storage_class="local")]
    state = snapshot(NODES, **storage(claims, [PersistentVolume("v", affinity=in_zone("z9"))], [LOCAL]))
    assert only_refusal(judged("VolumeBinding", using("p", "c", "d"), state)).reasons == (
        "node(s) didn't match PersistentVolume's node affinity",
        "node(s) didn't find available persistent volumes to bind",
    )


# VolumeZone


def zoned(labels):
    return storage([claim("c", "v")], [PersistentVolume("v", labels=labels)])


def test_follows_a_volumes_zone_label():
    state = snapshot(NODES, **zoned({ZONE: "z1"}))
    assert refused("VolumeZone", using("p", "c"), state) == {"a": ("node(s) had no available volume zone",)}


def test_a_regional_volume_names_several_zones():
    state = snapshot([*NODES, node("c", zone="z2")], **zoned({ZONE: "z0__z1"}))
    assert judged("VolumeZone", using("p", "c"), state).feasible == ["a", "b"]


def test_nodes_without_any_topology_label_take_every_volume():
    state = snapshot([node("bare"), node("region", labels={REGION: "r"})], **zoned({ZONE: "z1"}))
    assert judged("VolumeZone", using("p", "c"), state).feasible == ["bare"]


def test_a_beta_label_of_the_volume_is_met_by_the_nodes_present_one():
    state = snapshot(NODES, **zoned({"failure-domain.beta.kubernetes.io/zone": "z1"}))
    assert judged("VolumeZone", using("p", "c"), state).feasible == ["b"]


@pytest.mark.parametrize(
    ("wanted", "reason"),
    [
        (claim("c", storage_class=""), "PersistentVolumeClaim had no pv name and storageClass name"),
        (claim("c", storage_class="none"), 'storageclass.storage.k8s.io "none" not found'),
        (claim("c", storage_class="at-once"), "PersistentVolume had no name"),
        (claim("c", "gone"), 'persistentvolume "gone" not found'),
    ],
)
def test_zone_of_an_unbound_claim_cannot_be_told(wanted, reason):
    state = snapshot(NODES, **storage([wanted], classes=[AT_ONCE, LATER]))
    assert only_refusal(judged("VolumeZone", using("p", "c"), state)).reasons == (reason,)


ROOM = {"capacity_drivers": frozenset({EBS})}
FIRST_ZONE = Selector.of({ZONE: "z0"})


@pytest.mark.parametrize(
    ("capacities", "feasible"),
    [
        ([], []),
        ([StorageCapacity("later", FIRST_ZONE, 4 * GIB)], ["a"]),
        ([StorageCapacity("later", FIRST_ZONE, 4 * GIB - 1)], []),
        ([StorageCapacity("other", FIRST_ZONE, 4 * GIB)], []),
        ([StorageCapacity("later", FIRST_ZONE)], []),
        ([StorageCapacity("later", None, 4 * GIB)], []),
        ([StorageCapacity("later", Selector.of({}), 4 * GIB)], ["a", "b"]),
        ([StorageCapacity("later", FIRST_ZONE, GIB), StorageCapacity("later", FIRST_ZONE, 5 * GIB)], ["a"]),
    ],
)
def test_a_volume_is_made_where_its_driver_has_room(capacities, feasible):
    more = {**ROOM, "storage_capacities": tuple(capacities)}
    state = snapshot(NODES, **storage([claim("c", storage_class="later", request=4 * GIB)], [], [LATER]), **more)
    answer = judged("VolumeBinding", using("p", "c"), state)
    assert answer.feasible == feasible
    assert {refusal.reasons for refusal in answer.infeasible.values()} <= {
        ("node(s) did not have enough free storage",)
    }


def test_room_is_not_asked_of_drivers_that_do_not_tell_nor_by_claims_without_a_size():
    for more, request in (({}, 4 * GIB), (ROOM, 0)):
        state = snapshot(NODES, **storage([claim("c", storage_class="later", request=request)], [], [LATER]), **more)
        assert judged("VolumeBinding", using("p", "c"), state).feasible == ["a", "b"]


def test_a_volume_that_is_there_needs_no_room():
    served = PersistentVolume("v", storage_class="later", capacity=9 * GIB, phase="Available", affinity=in_zone("z1"))
    state = snapshot(NODES, **storage([claim("c", storage_class="later", request=4 * GIB)], [served], [LATER]), **ROOM)
    assert judged("VolumeBinding", using("p", "c"), state).feasible == ["b"]
