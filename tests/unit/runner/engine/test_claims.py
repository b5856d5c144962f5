"""The ledger's arithmetic, without a machine."""

from __future__ import annotations

import pytest

from hiera.errors import Location
from manifests.catalog import Declaration, Ref
from runner.engine.claims import decide, still_differs
from runner.engine.intents import confirmed, intended
from runner.engine.verdict import Verdict, baseline_of, leave
from runner.resources.base import Change, Resource, State, Undo, state
from runner.store.records import PRESENCE, Claim, Thing
from runner.system.base import Probe, System


class Slot(Resource):
    """A thing in memory."""

    kind = "slot"
    undo = Undo.EXACT
    content = state[str]("String", "what it holds")
    mode = state[str]("String", "who may")
    volatile = frozenset({"version"})
    version = state[str]("String", "moves by itself")

    def read(self, probe: Probe, keys: frozenset[str]) -> State | None:
        raise AssertionError

    def converge(self, system: System, change: Change) -> None:
        raise AssertionError

    def initial(self, key: str) -> str | None:
        return "0644" if key == "mode" else None


def slot(prune: str = "restore", **attributes: str) -> Slot:
    place = Location("site.yaml", 3)
    return Slot(Declaration(Ref("slot", "x"), "x", attributes, place, Ref("class", "main"), prune=prune))


def claim(
    attribute: str,
    baseline: object,
    applied: object,
    *,
    declared: bool = True,
    sure: bool = True,
    previous: object = None,
) -> Claim:
    return Claim("slot", "x", attribute, baseline, applied, sure, declared, "c1", "site.yaml", 1, previous)


def claims(*rows: Claim) -> dict[str, Claim]:
    return {row.attribute: row for row in rows}


def thing(prune: str = "restore") -> Thing:
    return Thing("slot", "x", "x", {}, prune, "c1", "site.yaml", 1)


def test_first_touch_opens_claims_with_what_was_read() -> None:
    resource = slot(content="new", mode="0600")
    decision = decide(resource, {"content": "old", "mode": "0644"}, resource.wanted(), {}, restore=True)
    rows = claims(*intended(resource, decision, {}, "c2"))

    assert decision.change is not None
    assert decision.change.keys == {"content", "mode"}
    assert (rows[PRESENCE].baseline, rows[PRESENCE].applied) == (True, True)
    assert (rows["content"].baseline, rows["content"].applied) == ("old", "new")
    assert (rows["mode"].baseline, rows["mode"].revision) == ("0644", "c2")
    assert not rows["mode"].confirmed


def test_a_baseline_is_never_overwritten_while_the_claim_lives() -> None:
    resource = slot(content="third")
    known = claims(claim(PRESENCE, baseline=True, applied=True), claim("content", "first", "second"))
    decision = decide(resource, {"content": "second"}, resource.wanted(), known, restore=True)

    rows = claims(*intended(resource, decision, known, "c3"))

    assert rows["content"].baseline == "first"
    assert rows["content"].applied == "third"


def test_a_dropped_attribute_goes_back_to_its_baseline() -> None:
    resource = slot(content="c")
    known = claims(claim(PRESENCE, True, True), claim("content", "c0", "c"), claim("mode", "0755", "0600"))
    decision = decide(resource, {"content": "c", "mode": "0600"}, resource.wanted(), known, restore=True)

    assert decision.change == Change({"content": "c", "mode": "0600"}, {"content": "c", "mode": "0755"})
    assert decision.closes == {"mode"}
    assert not decision.left


def test_a_dropped_attribute_of_a_thing_we_made_goes_back_to_what_a_new_one_has() -> None:
    resource = slot(content="c")
    known = claims(claim(PRESENCE, False, True), claim("content", None, "c"), claim("mode", None, "0600"))
    decision = decide(resource, {"content": "c", "mode": "0600"}, resource.wanted(), known, restore=True)

    assert decision.change is not None
    assert decision.change.after == {"content": "c", "mode": "0644"}


def test_a_dropped_attribute_that_somebody_else_changed_is_left() -> None:
    resource = slot(content="c")
    known = claims(claim(PRESENCE, True, True), claim("content", "c0", "c"), claim("mode", "0755", "0600"))
    decision = decide(resource, {"content": "c", "mode": "0666"}, resource.wanted(), known, restore=True)

    assert decision.change is None
    assert decision.left == ("mode left as is: somebody else changed it",)
    assert decision.closes == {"mode"}


@pytest.mark.parametrize(("prune", "restore"), [("keep", True), ("restore", False)])
def test_dropped_attributes_stay_with_prune_keep_and_outside_full_runs(prune: str, restore: bool) -> None:
    resource = slot(prune, content="c")
    known = claims(claim(PRESENCE, True, True), claim("content", "c0", "c"), claim("mode", "0755", "0600"))
    decision = decide(resource, {"content": "c", "mode": "0600"}, resource.wanted(), known, restore=restore)

    assert decision.change is None


def test_absence_keeps_every_attribute_as_a_baseline() -> None:
    resource = slot(ensure="absent")
    decision = decide(resource, {"content": "old", "mode": "0644"}, resource.wanted(), {}, restore=True)
    rows = claims(*intended(resource, decision, {}, "c2"))

    assert rows[PRESENCE].baseline is True
    assert rows[PRESENCE].applied is False
    assert (rows["content"].baseline, rows["content"].declared) == ("old", False)
    assert baseline_of(None, rows) == {"content": "old", "mode": "0644"}


def test_replacing_by_another_type_keeps_what_nobody_declared() -> None:
    resource = slot(type="link")
    before = {"type": "file", "content": "old", "mode": "0600"}
    decision = decide(resource, before, {"type": "link", "target": "/t"}, {}, restore=True)
    rows = claims(*intended(resource, decision, {}, "c2"))

    assert {name for name, row in rows.items() if not row.declared} == {"content", "mode"}
    assert baseline_of({"type": "link", "target": "/t"}, rows) == {"type": "file", "content": "old", "mode": "0600"}


def test_drift_is_a_difference_with_nothing_new_asked_for() -> None:
    resource = slot(content="c")
    known = claims(claim(PRESENCE, False, True), claim("content", None, "c"))

    assert decide(resource, {"content": "x"}, {"content": "c"}, known, restore=True).drift
    assert decide(resource, None, {"content": "c"}, known, restore=True).drift
    assert not decide(resource, {"content": "c"}, {"content": "d"}, known, restore=True).drift
    assert not decide(resource, {"content": "x"}, {"content": "c"}, {}, restore=True).drift


@pytest.mark.parametrize(
    ("before", "rows", "verdict", "after"),
    [
        ({"content": "c"}, [claim(PRESENCE, False, True), claim("content", None, "c")], Verdict.RESTORE, None),
        (None, [claim(PRESENCE, False, True), claim("content", None, "c")], Verdict.GONE, None),
        ({"content": "x"}, [claim(PRESENCE, False, True), claim("content", None, "c")], Verdict.KEPT, None),
        (
            {"content": "c", "mode": "0600"},
            [claim(PRESENCE, True, True), claim("content", "c0", "c")],
            Verdict.RESTORE,
            {"content": "c0", "mode": "0600"},
        ),
        ({"content": "c0"}, [claim(PRESENCE, True, True), claim("content", "c0", "c")], Verdict.GONE, None),
        (None, [claim(PRESENCE, True, True), claim("content", "c0", "c")], Verdict.KEPT, None),
        (
            None,
            [claim(PRESENCE, True, False), claim("content", "c0", None, declared=False)],
            Verdict.RESTORE,
            {"content": "c0"},
        ),
        (
            {"content": "new"},
            [claim(PRESENCE, True, False), claim("content", "c0", None, declared=False)],
            Verdict.KEPT,
            None,
        ),
        (
            {"content": "c", "version": "2"},
            [claim(PRESENCE, False, True), claim("content", None, "c"), claim("version", None, "1")],
            Verdict.RESTORE,
            None,
        ),
    ],
)
def test_leaving(before: State | None, rows: list[Claim], verdict: Verdict, after: State | None) -> None:
    found = leave(slot(), thing(), before, claims(*rows))

    assert found.verdict == verdict
    if verdict is Verdict.RESTORE:
        assert found.change == Change(before, after)


def test_leaving_with_prune_keep_touches_nothing() -> None:
    rows = claims(claim(PRESENCE, False, True), claim("content", None, "c"))

    assert leave(slot(), thing("keep"), {"content": "c"}, rows).verdict is Verdict.RELEASED


@pytest.mark.parametrize("before", [None, {"content": "old"}, {"content": "new"}])
def test_after_a_crash_the_intended_and_the_old_state_are_both_ours(before: State | None) -> None:
    there = before is not None
    rows = claims(claim(PRESENCE, there, True, sure=False), claim("content", "old", "new", sure=False))

    assert leave(slot(), thing(), before, rows).verdict in (Verdict.RESTORE, Verdict.GONE)


def test_confirming_records_what_was_read_not_what_was_meant() -> None:
    resource = slot(content="c")
    decision = decide(resource, None, resource.wanted(), {}, restore=True)
    rows = claims(*confirmed(intended(resource, decision, {}, "c1"), {"content": "c", "mode": "0644"}))

    assert rows["content"].applied == "c"
    assert rows[PRESENCE].applied is True
    assert all(row.confirmed for row in rows.values())


def test_a_fresh_read_finds_what_did_not_happen() -> None:
    resource = slot(content="c", mode="0600")
    decision = decide(resource, None, resource.wanted(), {}, restore=True)

    assert still_differs(resource, decision, {"content": "c", "mode": "0644"}) == ["mode"]
    assert still_differs(resource, decision, None) == [PRESENCE]
    assert still_differs(resource, decision, {"content": "c", "mode": "0600"}) == []


def test_what_comes_back_is_as_it_was_but_for_what_moves_by_itself() -> None:
    resource = slot(content="c")
    known = claims(
        claim(PRESENCE, True, False),
        claim("content", "old", None, declared=False),
        claim("mode", "0604", None, declared=False),
        claim("version", "1", None, declared=False),
    )
    decision = decide(resource, None, resource.wanted(), known, restore=True)

    assert decision.wish == {"content": "c", "mode": "0604"}
    assert decision.closes == {"mode", "version"}


@pytest.mark.parametrize("there", ["first", "second"])
def test_a_second_touch_after_one_that_died_knows_what_is_there(there: str) -> None:
    resource = slot(content="third")
    known = claims(claim(PRESENCE, True, True), claim("content", "old", "second", sure=False, previous="first"))
    decision = decide(resource, {"content": there}, resource.wanted(), known, restore=True)
    rows = claims(*intended(resource, decision, known, "c2"))

    assert rows["content"].previous == there
    assert leave(slot(), thing(), {"content": there}, rows).verdict is Verdict.RESTORE
    assert leave(slot(), thing(), {"content": "foreign"}, rows).verdict is Verdict.KEPT


def test_what_is_foreign_when_a_touch_begins_does_not_become_ours() -> None:
    resource = slot(content="second")
    known = claims(claim(PRESENCE, True, True), claim("content", "old", "first"))
    decision = decide(resource, {"content": "foreign"}, resource.wanted(), known, restore=True)

    assert claims(*intended(resource, decision, known, "c2"))["content"].previous == "first"


def test_what_is_made_anew_without_an_attribute_has_none_of_ours() -> None:
    resource = slot(mode="0600")
    known = claims(claim(PRESENCE, False, True, sure=False), claim("content", None, "a", sure=False))
    decision = decide(resource, None, resource.wanted(), known, restore=True)

    assert not claims(*intended(resource, decision, known, "c2"))["content"].declared
