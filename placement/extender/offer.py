"""The nodes that kube-scheduler offers in a call, and the text of answers about them."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field
from itertools import repeat
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from placement.extender.protocol import FilterResult, Question, name_of, names_of
from placement.predicates.refusal import Refusal
from placement.store.columns import Int32, NodeTable
from placement.store.outcome import FEASIBLE, Outcome

# Lists of names that are remembered as they were written. kube-scheduler mixes the order, so many are new.
_LISTS = 8


@dataclass(slots=True, eq=False)
class Offer:
    """The offered nodes in the order of the node table, which answers may as well have: the scheduler asks for none.

    Attributes
    ----------
    rows : (n,) int64
        Rows of the nodes in the table, ascending.
    quoted : (n,) object
        Each name as JSON text.
    unknown : list of str
        Names, as JSON text, of nodes that we have not heard of. They are never refused.
    written : str
        The names of the n nodes as JSON text, commas between.
    nodes : dict of row to msgspec.Raw, or None
        The objects, where the call holds them.
    unknown_nodes : list of msgspec.Raw
    """

    rows: NDArray[np.int64]
    quoted: NDArray[Any]
    unknown: list[str] = field(default_factory=list)
    written: str = ""
    nodes: dict[int, msgspec.Raw] | None = None
    unknown_nodes: list[msgspec.Raw] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.rows) + len(self.unknown)

    def codes(self, outcome: Outcome) -> Int32:
        """The outcome for each node of `rows`, (n,)."""
        codes: Int32 = outcome.codes[self.rows]
        return codes

    def place(self, row: int | None) -> int:
        """Where a row stands in `rows`, -1 if it is not offered."""
        if row is None:
            return -1
        place = int(np.searchsorted(self.rows, row))
        return place if place < len(self.rows) and self.rows[place] == row else -1


@dataclass(slots=True, eq=False)
class Offers:
    """Makes offers from calls, for one node table at a time."""

    _known: OrderedDict[bytes, Offer] = field(default_factory=OrderedDict)
    _quoted: NDArray[Any] = field(default_factory=lambda: np.empty(0, dtype=object))
    _table: NodeTable | None = None
    _generation: int = -1

    def offer(self, question: Question, table: NodeTable) -> Offer:
        """The offer of a call.

        Raises
        ------
        MalformedError
            If names or nodes are not what they should be.
        """
        if self._table is not table or self._generation != table.generation:
            self._table, self._generation = table, table.generation
            self._known.clear()
            self._quoted = np.empty(table.num_rows, dtype=object)
            for name, row in table.row_of.items():
                self._quoted[row] = _json(name)
        if question.nodes is not None:
            return self._of_nodes(question.nodes, table)
        if question.names is None:
            return self._of_names([], table)
        raw = bytes(question.names)
        known = self._known.get(raw)
        if known is None:
            known = self._known[raw] = self._of_names(names_of(raw), table)
            if len(self._known) > _LISTS:
                self._known.popitem(last=False)
        else:
            self._known.move_to_end(raw)
        return known

    def _of_names(self, names: list[str], table: NodeTable) -> Offer:
        places = np.fromiter(map(table.row_of.get, names, repeat(-1)), np.int64, len(names))
        offered = np.zeros(table.num_rows + 1, dtype=np.bool_)
        offered[places] = True
        unknown: list[str] = []
        if offered[-1]:
            unknown = [_json(names[place]) for place in np.flatnonzero(places < 0).tolist()]
        rows = np.flatnonzero(offered[:-1])
        quoted = self._quoted[rows]
        return Offer(rows, quoted, unknown, ",".join(quoted.tolist()))

    def _of_nodes(self, nodes: list[msgspec.Raw], table: NodeTable) -> Offer:
        known: dict[int, msgspec.Raw] = {}
        unknown, unknown_nodes = [], []
        for node in nodes:
            name = name_of(node)
            row = table.row_of.get(name)
            if row is None:
                unknown.append(_json(name))
                unknown_nodes.append(node)
            else:
                known[row] = node
        rows = np.array(sorted(known), dtype=np.int64)
        return Offer(rows, self._quoted[rows], unknown, nodes=known, unknown_nodes=unknown_nodes)


def _json(text: str) -> str:
    return msgspec.json.encode(text).decode()


def filter_answer(offer: Offer, codes: Int32, refusals: list[Refusal]) -> bytes:
    """The JSON of an ``ExtenderFilterResult``.

    Parameters
    ----------
    offer : Offer
    codes : (n,) int32
        0 for nodes that stay, else the number of the refusal.
    refusals : list of Refusal
        Number c is ``refusals[c - 1]``.
    """
    failed: list[str] = []
    hopeless: list[str] = []
    staying = codes == FEASIBLE
    everything = bool(staying.all())
    if not everything:
        counts = np.bincount(codes, minlength=len(refusals) + 1)
        for code in np.flatnonzero(counts).tolist():
            if code != FEASIBLE:
                refusal = refusals[code - 1]
                reason = _json(", ".join(refusal.reasons))
                names = offer.quoted[codes == code].tolist()
                text = f":{reason},".join(names) + f":{reason}"
                (failed if refusal.resolvable else hopeless).append(text)
    if offer.nodes is not None:
        kept = [offer.nodes[row] for row in offer.rows[staying].tolist()] + offer.unknown_nodes
        items = b",".join(bytes(node) for node in kept)
        start = b'{"Nodes":{"metadata":{},"items":[' + items + b']},"NodeNames":null,'
    else:
        known = offer.written if everything else ",".join(offer.quoted[staying].tolist())
        names_text = ",".join([known, *offer.unknown] if known else offer.unknown)
        start = f'{{"Nodes":null,"NodeNames":[{names_text}],'.encode()
    end = f'"FailedNodes":{{{",".join(failed)}}},"FailedAndUnresolvableNodes":{{{",".join(hopeless)}}},"Error":""}}'
    return start + end.encode()


def filter_error(problem: str) -> bytes:
    """The JSON of an ``ExtenderFilterResult`` that says what went wrong."""
    return msgspec.json.encode(FilterResult(Error=problem))


def priorities_answer(offer: Offer, scores: NDArray[np.int64]) -> bytes:
    """The JSON of a ``HostPriorityList``: scores of 0 to 10 for `Offer.rows`, (n,); unknown nodes score 0."""
    groups: list[str] = []
    for score in np.flatnonzero(np.bincount(scores, minlength=11)).tolist():
        tail = f',"Score":{score}}}'
        groups.append('{"Host":' + f'{tail},{{"Host":'.join(offer.quoted[scores == score].tolist()) + tail)
    groups += [f'{{"Host":{name},"Score":0}}' for name in offer.unknown]
    return f"[{','.join(groups)}]".encode()
