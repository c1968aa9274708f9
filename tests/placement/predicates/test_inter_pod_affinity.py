from placement.model.affinity import PodAffinityTerm
from placement.model.labels import Operator, Requirement, Selector
from placement.model.topology import HOSTNAME, ZONE
from tests.placement.objects import judged, near, node, only_refusal, pod, refused, snapshot, term

NAME = "InterPodAffinity"
NODES = [node("a", zone="z0"), node("b", zone="z0"), node("c", zone="z1")]


def test_goes_only_into_the_zone_of_the_pod_it_wants_to_be_near():
    state = snapshot(NODES, [pod("db", on="a", app="db")])
    answer = judged(NAME, pod("p", app="web", affinity=near(term("db"))), state)
    assert answer.feasible == ["a", "b"]
    assert only_refusal(answer).reasons == ("node(s) didn't match pod affinity rules",)
    assert not only_refusal(answer).resolvable


def test_keeps_out_of_the_zone_of_the_pod_it_wants_to_be_far_from():
    state = snapshot(NODES, [pod("db", on="a", app="db")])
    answer = judged(NAME, pod("p", app="web", anti_affinity=near(term("db"))), state)
    assert answer.feasible == ["c"]
    assert only_refusal(answer).reasons == ("node(s) didn't match pod anti-affinity rules",)
    assert only_refusal(answer).resolvable


def test_pods_that_are_there_keep_others_away_too():
    state = snapshot(NODES, [pod("db", on="a", app="db", anti_affinity=near(term("web")))])
    answer = judged(NAME, pod("p", app="web"), state)
    assert answer.feasible == ["c"]
    assert only_refusal(answer).reasons == ("node(s) didn't satisfy existing pods anti-affinity rules",)
    assert only_refusal(answer).resolvable
    assert judged(NAME, pod("p", app="api"), state).feasible == ["a", "b", "c"]


def test_the_first_pod_of_a_group_may_go_wherever_the_label_is():
    state = snapshot([*NODES, node("bare")])
    first = pod("p", app="web", affinity=near(term("web")))
    assert judged(NAME, first, state).feasible == ["a", "b", "c"]
    state.bind(pod("q", of=first.template), "c")
    assert judged(NAME, first, state).feasible == ["c"]


def test_a_pod_that_does_not_match_its_own_term_cannot_be_the_first():
    assert judged(NAME, pod("p", app="web", affinity=near(term("db"))), snapshot(NODES)).feasible == []


def test_the_first_of_a_group_is_not_first_where_one_matching_pod_lies_outside_any_zone():
    # The other pod's node has no zone, so nothing is counted, and kube-scheduler sees no pod of the group.
    state = snapshot([*NODES, node("bare")], [pod("q", on="bare", app="web")])
    assert judged(NAME, pod("p", app="web", affinity=near(term("web"))), state).feasible == ["a", "b", "c"]


def test_one_pod_must_match_all_affinity_terms():
    both = near(term("db"), PodAffinityTerm(Selector.of({"tier": "back"}), ZONE, frozenset({"default"})))
    apart = [pod("q0", on="a", app="db"), pod("q1", on="a", labels={"tier": "back"})]
    assert judged(NAME, pod("p", affinity=both), snapshot(NODES, apart)).feasible == []
    together = [pod("q", on="c", app="db", labels={"tier": "back"})]
    assert judged(NAME, pod("p", affinity=both), snapshot(NODES, together)).feasible == ["c"]


def test_other_namespaces_are_meant_by_name_or_by_label():
    state = snapshot(
        NODES,
        [pod("db", on="a", app="db", namespace="data"), pod("db", on="c", app="db", namespace="lab")],
        namespaces={"data": {"team": "one"}, "lab": {"team": "two"}, "default": {}},
    )

    def far(**where):
        return pod("p", anti_affinity=near(term("db", HOSTNAME, **where)))

    by_label = Selector.of({"team": "two"})
    assert judged(NAME, far(), state).feasible == ["a", "b", "c"]
    assert judged(NAME, far(namespaces=("data",)), state).feasible == ["b", "c"]
    assert judged(NAME, far(namespaces=(), namespace_selector=by_label), state).feasible == ["a", "b"]
    assert judged(NAME, far(namespaces=(), namespace_selector=Selector()), state).feasible == ["b"]


def test_no_selector_means_no_pod():
    nobody = PodAffinityTerm(None, ZONE, frozenset({"default"}))
    state = snapshot(NODES, [pod("q", on="a", app="web")])
    assert judged(NAME, pod("p", app="web", anti_affinity=near(nobody)), state).feasible == ["a", "b", "c"]
    assert judged(NAME, pod("p", app="web", affinity=near(nobody)), state).feasible == []


def test_pods_being_deleted_still_count():
    state = snapshot(NODES, [pod("db", on="a", app="db", deleting=True)])
    assert judged(NAME, pod("p", affinity=near(term("db"))), state).feasible == ["a", "b"]


def test_a_selector_that_cannot_be_parsed_refuses_all_nodes():
    broken = PodAffinityTerm(Selector((Requirement("app", Operator.IN, ("{{.x}}",)),)), ZONE, frozenset({"default"}))
    reasons = refused(NAME, pod("p", affinity=near(broken)), snapshot(NODES))
    assert set(reasons) == {"a", "b", "c"}
    assert reasons["a"][0].startswith(
        'parsing pod: requiredAffinityTerms: values[0][app]: Invalid value: "{{.x}}": a valid label must be'
    )
