import pytest

from hiera.errors import Location
from manifests.catalog import Declaration, Ref
from runner.resources.notify import Notify


@pytest.mark.parametrize(
    ("attributes", "said"),
    [
        ({}, "title"),
        ({"message": "hello"}, "hello"),
        ({"message": ["a", {"b": 1}]}, '["a", {"b": 1}]'),
        ({"message": "hello", "withpath": True}, "class[main]/notify[title]: hello"),
    ],
)
def test_what_is_said(attributes, said):
    resource = Notify(Declaration(Ref("notify", "title"), "title", attributes, Location("x", 1), Ref("class", "main")))
    assert resource.announcement == said
    assert resource.wanted() == resource.read(None, frozenset()) == {}
