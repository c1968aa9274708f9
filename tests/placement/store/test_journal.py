"""The journal of changes: each object once, what it is now, and whether it was gone in between."""

from __future__ import annotations

from placement.store.journal import Change, Journal

POD = "Pod", ("default", "a")
OTHER = "Pod", ("default", "b")


def test_says_of_each_object_what_became_of_it_last() -> None:
    journal = Journal()
    journal.come(*POD, 1)
    journal.come(*OTHER, 2)
    journal.come(*POD, 3)
    assert journal.take(10) == [Change(*POD, gone=False, model=3), Change(*OTHER, gone=False, model=2)]
    assert len(journal) == 0


def test_an_object_that_came_back_was_gone() -> None:
    journal = Journal()
    journal.come(*POD, 1)
    journal.go(*POD)
    assert journal.take(1) == [Change(*POD, gone=True, model=None)]
    journal.go(*POD)
    journal.come(*OTHER, 2)
    journal.come(*POD, 3)
    journal.come(*POD, 4)
    assert journal.take(1) == [Change(*POD, gone=True, model=4)]
    assert journal.take(1) == [Change(*OTHER, gone=False, model=2)]


def test_no_list_of_changes_says_that_all_was_replaced() -> None:
    journal = Journal()
    journal.come(*POD, 1)
    journal.tear()
    assert (journal.torn, len(journal)) == (True, 0)
