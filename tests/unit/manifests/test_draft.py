"""A catalog under construction, as both front ends use it."""

import pytest

from hiera.errors import Collector, Location
from hiera.values import Secret
from manifests.catalog import Ref
from manifests.draft import Draft, Given

MAIN = Ref("class", "main")
HERE = Location("a.yaml", 1)
THERE = Location("b.yaml", 2)


@pytest.fixture
def draft():
    made = Draft(Collector())
    made.contain(MAIN, HERE)
    return made


def codes(draft):
    return [problem.code for problem in (*draft.problems.errors, *draft.problems.warnings)]


def given(**values):
    return {name: Given(value, HERE) for name, value in values.items()}


def test_tags_are_puppets(draft):
    draft.contain(Ref("class", "nginx::server"), HERE)
    draft.instantiate(Ref("site::vhost", "Example.org"), given(tag=["Edge"]), HERE, Ref("class", "nginx::server"))
    entry = draft.declare(Ref("file", "/etc/motd"), given(tag="mine"), HERE, Ref("site::vhost", "Example.org"))
    assert entry.tags == (
        "file", "mine", "site::vhost", "site", "vhost", "example.org", "class", "nginx::server", "nginx", "server",
        "edge",
    )  # fmt: skip


def test_a_title_that_is_a_tag_is_one(draft):
    assert "nginx" in draft.declare(Ref("package", "nginx"), {}, HERE, MAIN).tags


def test_a_tag_that_is_none_is_reported(draft):
    draft.declare(Ref("file", "/a"), given(tag="a tag"), HERE, MAIN)
    assert codes(draft) == ["bad-tag"]


def test_the_second_declaration_names_both_places(draft):
    draft.declare(Ref("file", "/a"), {}, HERE, MAIN)
    assert draft.declare(Ref("file", "/a"), {}, THERE, MAIN) is None
    (problem,) = draft.problems.errors
    assert (problem.code, problem.location, problem.notes[0].location) == ("duplicate-declaration", THERE, HERE)


def test_shared_declarations_with_equal_secrets_are_one(draft):
    for _ in range(2):
        draft.declare(Ref("user", "a"), given(password=Secret("x")), HERE, MAIN, shared=True)
    assert codes(draft) == []


def test_shared_declarations_with_different_secrets_differ(draft):
    draft.declare(Ref("user", "a"), given(password=Secret("x")), HERE, MAIN, shared=True)
    draft.declare(Ref("user", "a"), given(password=Secret("y")), THERE, MAIN, shared=True)
    assert codes(draft) == ["shared-differs"]


def test_a_define_hands_down_noop_prune_and_tags(draft):
    ref = Ref("a::b", "x")
    draft.instantiate(ref, given(noop=True, prune="keep", tag="t"), HERE, MAIN)
    entry = draft.declare(Ref("file", "/a"), {}, HERE, ref)
    assert (entry.noop, entry.prune) == (True, "keep")
    assert "t" in entry.tags
    assert draft.declare(Ref("file", "/b"), given(noop=False), HERE, ref).noop is False


def test_null_is_not_given(draft):
    assert draft.declare(Ref("file", "/a"), given(owner=None), HERE, MAIN).attributes == {}


def test_a_types_own_attribute_is_no_metaparameter(draft):
    entry = draft.declare(Ref("cron", "a"), given(schedule="daily"), HERE, MAIN, own={"schedule"})
    assert entry.attributes["schedule"].value == "daily"
    assert codes(draft) == []


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("noop", "yes", "type-mismatch"),
        ("prune", "never", "type-mismatch"),
        ("stage", "pre", "unsupported-metaparameter"),
        ("loglevel", "debug", "unsupported-metaparameter"),
        ("alias", Secret("x"), "secret-in-plain"),
    ],
)
def test_metaparameters_are_checked(draft, name, value, code):
    draft.declare(Ref("file", "/a"), given(**{name: value}), HERE, MAIN)
    assert codes(draft) == [code]


def test_loglevel_only_warns(draft):
    draft.declare(Ref("file", "/a"), given(loglevel="debug"), HERE, MAIN)
    assert draft.problems.errors == []


def test_relations_point_the_right_way(draft):
    own, other = Ref("file", "/a"), Ref("file", "/b")
    for name in ("require", "before", "notify", "subscribe"):
        draft.relate_by(name, own, [other], HERE, optional=False)
    assert [(item.source, item.target, item.notify) for item in draft.relations] == [
        (other, own, False),
        (own, other, False),
        (own, other, True),
        (other, own, True),
    ]
