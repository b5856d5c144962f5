"""The ledger against a plain model: whatever sequence of commits, drifts and reverts, the machine is as the model says.

The world is three paths, each nothing, a file, a directory or a link, and a directory that may purge what is in it.
"""

from __future__ import annotations

import copy
import os
import shutil
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.machine import Machine

PATHS = ("/one", "/two", "/three")
ROOT = os.geteuid() == 0
OWNER = str(os.geteuid())
NEW = {
    "file": {"type": "file", "content": "", "mode": "0644", "owner": OWNER},
    "directory": {"type": "directory", "mode": "0755", "owner": OWNER},
    "link": {"type": "link", "owner": OWNER},
}

Thing = dict[str, str]
Catalogue = dict[str, Thing | None]  # path -> attributes, None for `ensure: absent`; "title" and "prune" are about it
ABOUT = {"title", "prune"}


@dataclass
class Claim:
    """One managed attribute."""

    baseline: str | None
    applied: str | None
    declared: bool = True


@dataclass
class Entry:
    """One managed path."""

    was_there: bool
    there: bool
    keep: bool
    claims: dict[str, Claim] = field(default_factory=dict)

    def baseline(self) -> Thing:
        """Return all that is known of what was there first."""
        return {name: claim.baseline for name, claim in self.claims.items() if claim.baseline is not None}


@dataclass
class Model:
    """What the machine and the ledger should be, in the plainest words."""

    machine: dict[str, Thing | None] = field(default_factory=lambda: dict.fromkeys(PATHS))
    ledger: dict[str, Entry] = field(default_factory=dict)

    def run(self, catalog: Catalogue) -> None:
        for path in [path for path in self.ledger if path not in catalog]:
            self.leave(path)
        for path, wish in catalog.items():
            if wish is None:
                self.absent(path)
            else:
                keep = wish.get("prune") == "keep"
                self.apply(path, {name: value for name, value in wish.items() if name not in ABOUT}, keep=keep)
            self.ledger[path].keep = wish is not None and wish.get("prune") == "keep"

    def entry(self, path: str) -> Entry:
        there = self.machine[path] is not None
        return self.ledger.setdefault(path, Entry(there, there, keep=False))

    def absent(self, path: str) -> None:
        """All of it is put aside, if it was there first."""
        now, entry = self.machine[path], self.entry(path)
        if not entry.was_there:
            entry.claims = {}
        elif now is not None:
            self.snapshot(entry, now)
        for claim in entry.claims.values():
            claim.declared, claim.applied = False, claim.applied if now is None else None
        if now is not None or not entry.was_there:
            entry.there = False
        self.machine[path] = None

    def snapshot(self, entry: Entry, now: Thing) -> None:
        """What was there first is about to go as a whole: keep all of it."""
        was = entry.claims.get("type")
        if was is None or was.baseline == now["type"]:
            for name, value in now.items():
                entry.claims.setdefault(name, Claim(value, None, declared=False))

    def apply(self, path: str, wish: Thing, *, keep: bool) -> None:
        now, entry, claims = self.machine[path], self.entry(path), self.entry(path).claims
        was = claims["type"].baseline if "type" in claims else wish["type"]
        home = entry.was_there and was == wish["type"]
        away = entry.was_there and now is not None and "type" in claims and claims["type"].baseline != now["type"]
        anew = now is None or now["type"] != wish["type"]
        rest = claims.keys() - wish.keys()
        new: Thing = dict(NEW[wish["type"]]) if anew or now is None else dict(now)
        if keep:
            pass
        elif anew and home:
            new |= {name: value for name in rest if (value := claims[name].baseline) is not None}
        elif not anew:
            for name in rest:
                claim = claims[name]
                back = claim.baseline if home and claim.baseline is not None else NEW[wish["type"]].get(name)
                if claim.declared and back is not None and new.get(name) == claim.applied:
                    new[name] = back
        if anew and now is not None and entry.was_there:
            self.snapshot(entry, now)
        for name in claims.keys() - wish.keys():
            if entry.was_there and not home:
                claims[name].declared, claims[name].applied = False, None
            elif name in rest:
                del claims[name]
        for name in wish:
            fresh = Claim(None if now is None or away else now.get(name), None)
            claim = claims.setdefault(name, fresh)
            claim.declared, claim.applied = True, wish[name]
        entry.there = True
        self.machine[path] = new | wish

    def leave(self, path: str) -> None:
        now, entry = self.machine[path], self.ledger[path]
        if entry.keep:
            del self.ledger[path]
            return
        target = self.target(path)
        at_baseline = (
            now is target
            if now is None or target is None
            else all(now.get(name) == target.get(name) for name in entry.claims)
        )
        only_details = now is None and entry.was_there and entry.there and entry.claims.keys() <= {"mode", "owner"}
        if not at_baseline and not only_details:
            if (now is not None) != entry.there:
                return
            if now is not None and any(
                now.get(name) not in (claim.applied, claim.baseline)
                for name, claim in entry.claims.items()
                if claim.declared
            ):
                return
            self.machine[path] = target
        del self.ledger[path]

    def target(self, path: str) -> Thing | None:
        """Return what leaving leads to."""
        now, entry = self.machine[path], self.ledger[path]
        if not entry.was_there:
            return None
        whole = now is None or any(not claim.declared for claim in entry.claims.values())
        was = entry.claims.get("type")
        whole = whole or (was is not None and now is not None and was.baseline != now["type"])
        if not whole and now is not None:
            return now | entry.baseline()
        return NEW.get(entry.baseline().get("type", ""), {}) | entry.baseline()


class Node(Machine):
    """A machine that speaks in the model's terms."""

    def go(self, catalogue: Catalogue) -> None:
        self.ran(self.wishes(catalogue))

    def wishes(self, catalogue: Catalogue) -> dict[str, dict[str, Any]]:
        found: dict[str, dict[str, Any]] = {}
        for path, wish in catalogue.items():
            attributes: dict[str, Any] = {"path": path, "force": True, "ensure": "absent"}
            if wish is not None:
                attributes |= {name: value for name, value in wish.items() if name not in {"type", "title"}}
                attributes["ensure"] = wish["type"]
            found[f"file {(wish or {}).get('title', 'the')}{path}"] = attributes
        return found

    def put(self, path: str, thing: Thing | None) -> None:
        whole = self.path(path)
        if whole.is_dir() and not whole.is_symlink():
            whole.rmdir()
        whole.unlink(missing_ok=True)
        if thing is None:
            return
        if thing["type"] == "file":
            whole.write_text(thing["content"])
        elif thing["type"] == "directory":
            whole.mkdir()
        else:
            whole.symlink_to(thing["target"])
        os.chown(whole, int(thing["owner"]), -1, follow_symlinks=False)
        if "mode" in thing:
            os.chmod(whole, int(thing["mode"], 8))

    def look(self, path: str) -> Thing | None:
        whole = self.path(path)
        if not os.path.lexists(whole):
            return None
        about = os.lstat(whole)
        found = {"owner": str(about.st_uid)}
        if whole.is_symlink():
            return found | {"type": "link", "target": os.readlink(whole)}
        found["mode"] = f"{about.st_mode & 0o7777:04o}"
        return found | ({"type": "directory"} if whole.is_dir() else {"type": "file", "content": whole.read_text()})


_CONTENT = st.sampled_from(["", "a\n", "b\n"])
_MODE = st.sampled_from(["0600", "0644", "0755"])
_OWNER = st.sampled_from(["1", "2", "0"]) if ROOT else st.just(OWNER)
_TARGET = st.sampled_from(["here", "there"])
_THING = st.one_of(
    st.fixed_dictionaries({"type": st.just("file"), "content": _CONTENT, "mode": _MODE, "owner": _OWNER}),
    st.fixed_dictionaries({"type": st.just("directory"), "mode": st.sampled_from(["0700", "0755"]), "owner": _OWNER}),
    st.fixed_dictionaries({"type": st.just("link"), "target": _TARGET, "owner": _OWNER}),
)
_ABOUT = {"title": st.sampled_from(["the", "another"]), "prune": st.just("keep")}
_WISH = st.one_of(
    st.none(),
    st.fixed_dictionaries(
        {"type": st.just("file")}, optional={"content": _CONTENT, "mode": _MODE, "owner": _OWNER, **_ABOUT}
    ),
    st.fixed_dictionaries(
        {"type": st.just("directory")},
        optional={"mode": st.sampled_from(["0700", "0755"]), "owner": _OWNER, **_ABOUT},
    ),
    st.fixed_dictionaries({"type": st.just("link"), "target": _TARGET}, optional={"owner": _OWNER, **_ABOUT}),
)
_CATALOGUE = st.dictionaries(st.sampled_from(PATHS), _WISH)
_DRIFT = st.tuples(st.sampled_from(PATHS), st.one_of(st.none(), _THING))
_STEP = st.one_of(
    st.tuples(st.just("commit"), _CATALOGUE),
    st.tuples(st.just("drift"), _DRIFT),
    st.tuples(st.just("revert"), st.integers(0, 5)),
)
_START = st.dictionaries(st.sampled_from(PATHS), _THING)


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(start=_START, steps=st.lists(_STEP, min_size=1, max_size=8))
def test_any_history_leaves_the_machine_as_the_model_says(start: dict[str, Thing], steps: list[Any]) -> None:
    directory = tempfile.mkdtemp(prefix="freehold-undo-")
    try:
        follow(Node(directory), start, steps)
    finally:
        shutil.rmtree(directory)


def follow(node: Node, start: dict[str, Thing], steps: list[Any]) -> None:
    model = Model()
    for path, thing in start.items():
        node.put(path, thing)
        model.machine[path] = dict(thing)
    history: list[Catalogue] = [{}]
    for what, detail in steps:
        if what == "drift":
            path, thing = detail
            node.put(path, thing)
            model.machine[path] = copy.copy(thing)
        else:
            catalogue = detail if what == "commit" else history[-1 - detail % len(history)]
            history.append(catalogue)
            node.go(catalogue)
            model.run(catalogue)
        assert {path: node.look(path) for path in PATHS} == model.machine
    node.state.close()


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(start=_START, commits=st.lists(_CATALOGUE, min_size=1, max_size=6), data=st.data())
def test_leaving_everything_gives_the_machine_back_as_it_was(
    start: dict[str, Thing], commits: list[Catalogue], data: st.DataObject
) -> None:
    directory = tempfile.mkdtemp(prefix="freehold-undo-")
    try:
        node = Node(directory)
        for path, thing in start.items():
            node.put(path, thing)
        for catalogue in [*commits, {}]:
            kept = {path: without_keep(wish) for path, wish in catalogue.items()}
            node.died(node.wishes(kept), data.draw(st.integers(0, 12), label="dies at"))
            if data.draw(st.booleans(), label="and runs again"):
                node.go(kept)
        node.go({})

        assert {path: node.look(path) for path in PATHS} == {path: start.get(path) for path in PATHS}
        node.state.close()
    finally:
        shutil.rmtree(directory)


def test_a_removal_that_died_puts_nothing_aside() -> None:
    """What was declared before a removal that never happened is still dropped, and so goes back."""
    directory = tempfile.mkdtemp(prefix="freehold-undo-")
    try:
        node = Node(directory)
        node.put("/one", {"type": "directory", "mode": "0700", "owner": OWNER})
        node.go({"/one": {"type": "directory", "mode": "0755"}})
        node.died(node.wishes({"/one": None}), 1)
        node.go({"/one": {"type": "directory"}})

        assert node.look("/one") == {"type": "directory", "mode": "0700", "owner": OWNER}
        node.state.close()
    finally:
        shutil.rmtree(directory)


def test_two_deaths_in_the_place_of_another_kind() -> None:
    """What the second run found of the first is not somebody else's."""
    directory = tempfile.mkdtemp(prefix="freehold-undo-")
    try:
        node = Node(directory)
        start = {"type": "directory", "mode": "0700", "owner": OWNER}
        node.put("/one", start)
        node.died(node.wishes({"/one": {"type": "file"}}), 3)
        node.died(node.wishes({"/one": {"type": "file", "content": "a\n"}}), 1)
        node.go({})

        assert node.look("/one") == start
        node.state.close()
    finally:
        shutil.rmtree(directory)


def without_keep(wish: Thing | None) -> Thing | None:
    return wish and {name: value for name, value in wish.items() if name != "prune"}


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    start=st.dictionaries(st.sampled_from("abc"), _CONTENT),
    commits=st.lists(
        st.tuples(st.booleans(), st.dictionaries(st.sampled_from("abc"), _CONTENT), st.sampled_from(["", "a", "b"])),
        min_size=1,
        max_size=5,
    ),
)
def test_a_purging_directory_holds_what_is_declared_and_gives_the_rest_back(
    start: dict[str, str], commits: list[tuple[bool, dict[str, str], str]]
) -> None:
    directory = tempfile.mkdtemp(prefix="freehold-undo-")
    try:
        node = Node(directory)
        (node.root / "d").mkdir()
        for name, text in start.items():
            (node.root / "d" / name).write_text(text)
        before = node.picture()
        for purge, files, ignore in commits:
            wish: dict[str, Any] = {"ensure": "directory", "recurse": purge, "purge": purge}
            wish |= {"ignore": ignore} if ignore else {}
            node.ran({"file /d": wish, **{f"file /d/{name}": {"content": text} for name, text in files.items()}})
            node.ran({"file /d": wish, **{f"file /d/{name}": {"content": text} for name, text in files.items()}})
            kept = start if not purge else {name: text for name, text in start.items() if name == ignore}
            assert {path.name: path.read_text() for path in Path(node.root / "d").iterdir()} == kept | files
        node.ran({})
        assert node.picture() == before
        node.state.close()
    finally:
        shutil.rmtree(directory)
