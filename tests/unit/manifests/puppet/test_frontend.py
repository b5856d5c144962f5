"""The Puppet language as a front end: what its catalog becomes in the one that is applied."""

import importlib.util
from pathlib import Path

import pytest

from hiera.errors import DataError
from hiera.lookup import Hiera
from hiera.tree import DirectoryTree
from manifests.catalog import ContentRef, PortableDigester, Ref
from manifests.compiler import Request, compile_catalog
from manifests.environment import Environment

_SPEC = importlib.util.spec_from_file_location("golden_cases", Path(__file__).parents[3] / "golden" / "cases.py")
cases = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(cases)


@pytest.fixture
def world(tmp_path):
    """Return what compiles a control repository: ``world({path: text})``."""

    def run(files, **more):
        for path, text in files.items():
            (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / path).write_text(text)
        tree = DirectoryTree(tmp_path)
        place = Environment.find(tree, "production")
        data = Hiera.build(tree, "production", place.directory, place.modules)
        request = Request(
            tree=tree, revision="r", node="web.example.com", environment="production", facts={"os": {"family": "Debian"}},
            data=data, types=cases.TYPES, digester=PortableDigester(b"k" * 32), **more,
        )  # fmt: skip
        return compile_catalog(request)

    return run


def declared(compilation):
    return {str(item.ref): item for item in compilation.catalog.declarations}


def test_every_manifest_of_the_directory_counts_in_order(world):
    found = world({"manifests/b.pp": "notify { 'two': }", "manifests/a/one.pp": "notify { 'one': }"})
    assert list(declared(found)) == ["notify[one]", "notify[two]"]


def test_environment_conf_names_the_manifest_and_the_modules(world):
    files = {
        "environment.conf": "manifest = site\nmodulepath = own:modules\n",
        "site/x.pp": "include a",
        "own/a/manifests/init.pp": "class a { notify { 'own': } }",
        "modules/a/manifests/init.pp": "class a { notify { 'other': } }",
    }
    assert list(declared(world(files))) == ["notify[own]"]


def test_containers_relations_and_tags_are_kept(world):
    code = """
        class a { d { 'x': before => Notify['last'] } }
        define d { file { '/x/': ensure => directory, tag => 'Extra' } }
        include a
        notify { 'last': }
        File['/x'] ~> Notify['last']
    """
    catalog = world({"manifests/site.pp": code}).catalog
    assert catalog.classes == ("a",)
    item = declared(world({"manifests/site.pp": code}))["file[/x/]"]
    assert (item.name, item.container) == ("/x", Ref("d", "x"))
    assert set(item.tags) >= {"file", "d", "a", "class", "extra"}
    parents = {(container.ref, container.parent) for container in catalog.containers}
    assert (Ref("d", "x"), Ref("class", "a")) in parents
    edges = {(edge.source, edge.target, edge.notify) for edge in catalog.edges}
    assert edges == {
        (Ref("d", "x"), Ref("notify", "last"), False),
        (Ref("file", "/x/"), Ref("notify", "last"), True),
    }


def test_stages_order_classes(world):
    code = """
        stage { 'pre': before => Stage['main'] }
        class a { notify { 'a': } } class b { notify { 'b': } }
        include a
        class { 'b': stage => 'pre' }
    """
    catalog = world({"manifests/site.pp": code}).catalog
    parents = {(container.ref, container.parent) for container in catalog.containers}
    assert {(Ref("class", "a"), Ref("stage", "main")), (Ref("class", "b"), Ref("stage", "pre"))} <= parents
    assert [(edge.source, edge.target) for edge in catalog.edges] == [(Ref("stage", "pre"), Ref("stage", "main"))]


def test_sensitive_content_is_kept_out_of_sight_and_deferred_is_called(world):
    code = """
        file { '/s': content => Sensitive('hush') }
        file { '/d': content => Deferred('join', [['a', 'b'], '-']) }
    """
    found = declared(world({"manifests/site.pp": code}))
    secret, plain = found["file[/s]"].attributes["content"], found["file[/d]"].attributes["content"]
    assert isinstance(secret, ContentRef)
    assert secret.secret
    assert (plain.secret, plain.size) == (False, 3)


def test_virtual_and_exported_resources_stay_out(world):
    found = world({"manifests/site.pp": "@notify { 'v': } @@notify { 'e': } notify { 'n': }"})
    assert list(declared(found)) == ["notify[n]"]
    assert [problem.code for problem in found.warnings] == ["no-exchange"]


def test_types_that_cannot_be_applied_are_named_together(world):
    code = "mount { ['/a', '/b']: ensure => mounted } augeas { 'x': } notify { 'n': require => Mount['/a'] }"
    with pytest.raises(DataError) as caught:
        world({"manifests/site.pp": code})
    assert [problem.code for problem in caught.value.problems] == ["unsupported-type", "unsupported-type"]
    assert "'/a', '/b'" in caught.value.problems[0].message


def test_warnings_of_the_author_and_strictness_of_the_version(world):
    found = world({"manifests/site.pp": "warning('careful') notify { \"x${nosuch}\": }"}, puppet_version=7)
    assert {problem.code for problem in found.warnings} == {"manifest-warning", "unknown-variable"}


def test_a_manifest_can_be_compiled_alone(world):
    files = {"manifests/site.pp": "notify { 'site': }", "one.pp": "notify { 'one': }"}
    assert list(declared(world(files, manifest="one.pp"))) == ["notify[one]"]
