"""Whose ledger it is, and how an image's becomes a node's."""

import hashlib

import pytest

from hiera.errors import UsageError
from runner import scope
from runner.settings import Settings
from runner.store.records import Claim, Thing
from runner.store.state import StateDirectory


def plain(text):
    return "sha256:" + hashlib.sha256(text.encode()).hexdigest()


@pytest.fixture
def state(tmp_path):
    found = StateDirectory(str(tmp_path / "state"))
    found.create()
    yield found
    found.close()


def settings(**more):
    given = {"repo": "https://a.example.org/c.git", "environment": "production", "node": "web01"}
    return Settings(**given | more)


def manage(state, name, **values):
    state.ledger.put_things([Thing("file", name, name, {}, "restore", "r", "site.yaml", 1)])
    claim = Claim("file", name, "content", values.get("baseline"), values.get("applied"), True, True, "r", "s", 1)
    state.ledger.put_claims([claim])


def baked(state, **more):
    scope.check(state, settings(node="baked", **more), switch=False, noop=False, baking=True)


def test_a_node_takes_an_image_over_whatever_its_name_and_repository_s_address(state, tmp_path):
    (tmp_path / "motd").write_text("baked")
    name = str(tmp_path / "motd")
    baked(state)
    manage(state, name, baseline=plain("before"), applied=plain("baked"))
    state.blobs.put(plain("before"), b"before")
    manage(state, "/gone", applied=plain("gone"))

    assert scope.check(state, settings(repo="https://b.example.org/c.git"), switch=False, noop=False)
    claim = state.ledger.claims_of("file", name)["content"]
    assert claim.baseline == state.digester(b"before", secret=False)
    assert claim.applied == state.digester(b"baked", secret=False)
    assert state.blobs.find(claim.baseline) == b"before"
    assert state.blobs.find(plain("before")) is None
    assert state.ledger.claims_of("file", "/gone")["content"].applied == plain("gone")  # nobody's file any more
    assert state.standing.recall("scope")["node"] == "web01"
    assert not scope.check(state, settings(repo="https://b.example.org/c.git"), switch=False, noop=False)


def test_another_environment_is_another_image(state):
    baked(state)
    manage(state, "/a", applied=plain("a"))

    with pytest.raises(UsageError) as caught:
        scope.check(state, settings(environment="staging"), switch=False, noop=False)
    assert caught.value.problems[0].message == "the ledger here belongs to environment 'production', now 'staging'"
    assert scope.check(state, settings(environment="staging"), switch=True, noop=False)


def test_a_node_is_no_image(state):
    scope.check(state, settings(), switch=False, noop=False)
    manage(state, "/a", applied="node:1")

    with pytest.raises(UsageError, match="this is no image: the ledger here belongs to the node 'web01'"):
        baked(state)


def test_a_look_alone_takes_over_too_as_it_changes_nothing(state):
    baked(state)
    manage(state, "/a", applied=plain("a"))

    assert scope.check(state, settings(), switch=False, noop=True)
    assert state.standing.recall("scope")["node"] == "web01"


def test_an_image_s_state_has_no_key(tmp_path):
    state = scope.ImageState(str(tmp_path / "state"))
    state.create()

    assert state.digester(b"x", secret=False) == plain("x")
    assert not (tmp_path / "state/key").exists()
