"""What the extender counts, for Prometheus."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_SECONDS = (0.0005, 0.001, 0.002, 0.004, 0.008, 0.016, 0.032, 0.064, 0.128, 0.256, 0.512, 1.024, 2.048)
_SOLVING = (0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300)


class Metrics:
    """One set of metrics; labels never name pods or nodes."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.duration = Histogram(
            "placement_extender_request_duration_seconds",
            "Time from a whole request to its answer.",
            ("verb", "code"),
            buckets=_SECONDS,
            registry=self.registry,
        )
        self.fail_open = self._counter(
            "placement_fail_open", "Calls answered as if there were no extender.", ("verb", "reason")
        )
        self.nodes_offered = self._counter("placement_extender_nodes_offered", "Nodes in filter calls.", ())
        self.nodes_refused = self._counter("placement_extender_nodes_refused", "Nodes that filter refused.", ())
        self.unknown_nodes = self._counter(
            "placement_extender_unknown_nodes", "Offered nodes that the state does not hold yet.", ()
        )
        self.not_offered = self._counter(
            "placement_plan_node_not_offered", "Planned pods whose planned node the scheduler did not offer.", ()
        )
        self.plan_followed = self._counter(
            "placement_plan_steered", "Filter calls that were answered with the planned node alone.", ()
        )
        self.plan_exchanged = self._counter(
            "placement_plan_exchanged", "Planned pods that changed places with one of their kind.", ()
        )
        self.plan_refused = self._counter(
            "placement_plan_node_refused", "Planned pods whose planned node no longer admits them.", ()
        )
        self.held_back = self._counter(
            "placement_gang_held_back", "Filter calls refused until the whole gang has its room.", ()
        )
        self.victims = self._counter("placement_preemption_victims", "Victims named in preempt answers.", ())
        self.binds = self._counter("placement_binds", "Bindings made.", ("result",))
        self.solver = Histogram(
            "placement_solver_duration_seconds",
            "Time to make a plan.",
            ("mode", "status"),
            buckets=_SOLVING,
            registry=self.registry,
        )
        self.gap = self._gauge("placement_optimality_gap_ratio", "Gap of the last look-ahead plan to its bound.")
        self.planned = self._gauge("placement_planned_pods", "Pods that the current plan places.")
        self.pending = self._gauge("placement_pending_pods", "Pods without a node.")
        self.nodes = self._gauge("placement_nodes", "Nodes in the state.")
        self.pods = self._gauge("placement_pods", "Pods in the state.")
        self.assumed = self._gauge("placement_assumed_pods", "Pods believed to be on their node, not seen there yet.")
        self.staleness = self._gauge(
            "placement_cache_staleness_seconds", "Time since the slowest watch last heard from the API server."
        )
        self.leader = self._gauge("placement_leader", "Whether this replica plans and writes.")
        self.nominations = self._counter("placement_nominations", "Writes of status.nominatedNodeName.", ("result",))
        self.events = self._counter("placement_watch_events", "Events of watches.", ("kind", "type"))
        self.relists = self._counter("placement_watch_relists", "Lists read anew.", ("kind",))
        self.unreadable = self._counter("placement_unreadable_objects", "Objects left out as unreadable.", ("kind",))

    def _counter(self, name: str, text: str, labels: tuple[str, ...]) -> Counter:
        return Counter(name, text, labels, registry=self.registry)

    def _gauge(self, name: str, text: str) -> Gauge:
        return Gauge(name, text, registry=self.registry)

    def text(self) -> bytes:
        """The metrics in Prometheus' text format."""
        return generate_latest(self.registry)
