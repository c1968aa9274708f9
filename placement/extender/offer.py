"""The nodes that kube-scheduler offers in a call, and the text of answers about them."""

from __future__ import annotations

from dataclasses import dataclass, field

import msgspec
import numpy as np
from numpy.typing import NDArray

from placement.extender.names.directory import Directory
from placement.extender.page import FilterResult
from placement.extender.protocol import Question, name_of, names_of
from placement.predicates.refusal import Refusal
from placement.store.columns import Int32, NodeTable
from placement.store.outcome import FEASIBLE, Outcome


@dataclass(slots=True, eq=False)
class Offer:
    """The offered nodes in the order of the node table, which answers may as well have: the scheduler asks for none.

    Attributes
    ----------
    rows : (n,) int64
        Rows of the nodes in the table, ascending.
    directory : Directory
        Of the table.
    unknown : list of bytes
        Names, as JSON text, of nodes that we have not heard of. They are never refused.
    nodes : dict of row to msgspec.Raw, or None
        The objects, where the call holds them.
    unknown_nodes : list of msgspec.Raw
    """

    rows: NDArray[np.int64]
    directory: Directory
    unknown: list[bytes] = field(default_factory=list)
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

    _directory: Directory | None = None
    _table: NodeTable | None = None
    _generation: int = -1

    def offer(self, question: Question, table: NodeTable) -> Offer:
        """The offer of a call.

        Raises
        ------
        MalformedError
            If names or nodes are not what they should be.
        """
        directory = self._of(table)
        if question.nodes is not None:
            return _of_nodes(question.nodes, table, directory)
        found = directory.find(question.names or b"[]")
        rows, unknown = directory.find_each(names_of(question.names or b"[]")) if found is None else found
        return Offer(rows, directory, unknown)

    def _of(self, table: NodeTable) -> Directory:
        if self._directory is None or self._table is not table or self._generation != table.generation:
            self._table, self._generation = table, table.generation
            self._directory = Directory(table)
        return self._directory


def _of_nodes(nodes: list[msgspec.Raw], table: NodeTable, directory: Directory) -> Offer:
    known: dict[int, msgspec.Raw] = {}
    unknown, unknown_nodes = [], []
    for node in nodes:
        name = name_of(node)
        row = table.row_of.get(name)
        if row is None:
            unknown.append(msgspec.json.encode(name))
            unknown_nodes.append(node)
        else:
            known[row] = node
    rows = np.array(sorted(known), dtype=np.int64)
    return Offer(rows, directory, unknown, nodes=known, unknown_nodes=unknown_nodes)


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
    directory, rows = offer.directory, offer.rows
    if offer.nodes is not None:
        kept = [offer.nodes[row] for row in rows[codes == FEASIBLE].tolist()] + offer.unknown_nodes
        text = [b'{"Nodes":{"metadata":{},"items":[', b",".join(kept), b']},"NodeNames":null,']
    else:
        known = directory.kept(rows, codes)
        text = [b'{"Nodes":null,"NodeNames":[', b",".join([known, *offer.unknown] if known else offer.unknown), b"],"]
    failed = hopeless = b""
    if codes.any():
        resolvable = np.array([False, *(refusal.resolvable for refusal in refusals)])
        told = np.bincount(codes, minlength=len(resolvable)) > 0
        told[FEASIBLE] = False
        reasons = [b"", *(msgspec.json.encode(", ".join(refusal.reasons)) for refusal in refusals)]
        failed, hopeless = (
            directory.refused(rows, codes, reasons, wanted) if wanted.any() else b""
            for wanted in (told & resolvable, told & ~resolvable)
        )
    text += [b'"FailedNodes":{', failed, b'},"FailedAndUnresolvableNodes":{', hopeless, b'},"Error":""}']
    return b"".join(text)


def filter_error(problem: str) -> bytes:
    """The JSON of an ``ExtenderFilterResult`` that says what went wrong."""
    return msgspec.json.encode(FilterResult(Error=problem))


def priorities_answer(offer: Offer, scores: NDArray[np.int64]) -> bytes:
    """The JSON of a ``HostPriorityList``: scores of 0 to 10 for `Offer.rows`, (n,); unknown nodes score 0."""
    known = offer.directory.scored(offer.rows, scores)
    others = [b'{"Host":%b,"Score":0}' % name for name in offer.unknown]
    return b"[%b]" % b",".join([known, *others] if known else others)
