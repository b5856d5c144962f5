"""Whole compilations: what a case file cannot show."""

import importlib.util
import time
from collections.abc import Mapping
from pathlib import Path

import pytest

from hiera.errors import DataError
from hiera.tree import DirectoryTree
from hiera.values import Secret
from manifests.catalog import ContentRef, Ref, decode, encode
from manifests.environment import Environment
from manifests.requirement import check_requirement
from manifests.sources import Sources

_SPEC = importlib.util.spec_from_file_location("golden_cases", Path(__file__).parents[2] / "golden" / "cases.py")
cases = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(cases)


def compiled(root, site, data=None, **more):
    files = {"manifests/site.yaml": site, **more.pop("files", {})}
    return cases.compile_files(root, files, data={} if data is None else data, **more)


def codes(caught):
    return [problem.code for problem in caught.value.problems]


def test_a_catalog_survives_its_json_form_and_has_a_stable_digest(tmp_path):
    site = "resources:\n  file[/a]: {content: x}\n  user[u]: {password: \"{{ lookup('pw') }}\"}\n"
    first = compiled(tmp_path, site, {"pw": "SECRET(hunter2)"}).catalog
    assert decode(encode(first)) == first
    assert b"hunter2" not in encode(first)
    assert compiled(tmp_path, site, {"pw": "SECRET(hunter2)"}).catalog.digest() == first.digest()
    assert compiled(tmp_path, site, {"pw": "SECRET(other)"}).catalog.digest() != first.digest()


def test_only_the_facts_that_are_used_are_read(tmp_path):
    class Recording(Mapping):
        def __init__(self, values, read):
            self.values_, self.read = values, read

        def __getitem__(self, key):
            self.read.add(key)
            item = self.values_[key]
            return Recording(item, self.read) if isinstance(item, dict) else item

        def __iter__(self):
            return iter(self.values_)

        def __len__(self):
            return len(self.values_)

    read = set()
    facts = Recording({"os": {"family": "Debian", "name": "Debian"}, "memory": {"total": 1}}, read)
    site = "resources:\n  file[/a]: {content: '{{ facts.os.family }}', when: facts.os.family == 'Debian'}\n"
    compiled(tmp_path, site, facts=facts)
    assert read == {"os", "family"}


def test_sensitive_attributes_are_references_even_when_nobody_marked_them(tmp_path):
    done = compiled(tmp_path, "resources:\n  user[u]: {password: plain}\n")
    (item,) = done.catalog.declarations
    assert item.attributes["password"].secret
    assert done.contents.find(item.attributes["password"].digest) == b"plain"


def test_content_of_secrets_is_kept_as_a_secret(tmp_path):
    site = "resources:\n  file[/a]: {content: \"x {{ lookup('pw') }}\"}\n"
    done = compiled(tmp_path, site, {"pw": "SECRET(hunter2)"})
    reference = done.catalog.declarations[0].attributes["content"]
    assert isinstance(done.contents.known()[reference.digest], Secret)
    assert done.contents.find(reference.digest) == b"x hunter2"
    assert reference.size == 0


def test_files_that_may_be_run_keep_that(tmp_path):
    site = "resources:\n  file[/opt]: {source: m/dir, recurse: true}\n"
    room = tmp_path / "modules/m/files/dir"
    room.mkdir(parents=True)
    (room / "run").write_text("#!/bin/sh\n")
    (room / "run").chmod(0o755)
    (room / "read").write_text("x")
    attributes = compiled(tmp_path, site).catalog.declarations[0].attributes
    assert attributes["source_modes"] == {"run": "0755"}
    assert isinstance(attributes["source_tree"]["read"], ContentRef)


def test_a_large_source_is_not_kept_in_memory(tmp_path):
    (tmp_path / "modules/m/files").mkdir(parents=True)
    (tmp_path / "modules/m/files/big").write_bytes(b"x" * (2 << 20))
    done = compiled(tmp_path, "resources:\n  file[/big]: {source: m/big}\n")
    reference = done.catalog.declarations[0].attributes["content"]
    assert callable(done.contents.known()[reference.digest])
    assert done.contents.find(reference.digest) == b"x" * (2 << 20)


def test_identity_is_the_namevar_and_relations_find_it(tmp_path):
    site = (
        "resources:\n  file[motd]: {path: /etc/motd, alias: [greeting]}\n"
        "  file[/b]: {require: 'file[/etc/motd]'}\n  file[/c]: {require: 'file[greeting]'}\n"
    )
    catalog = compiled(tmp_path, site).catalog
    assert catalog.declarations[0].name == "/etc/motd"
    assert {edge.source for edge in catalog.edges} == {Ref("file", "motd")}


def test_everything_wrong_is_said_at_once(tmp_path):
    site = "include: nowhere\nresources:\n  file[/a]: {mdoe: 1}\n  fiel[/b]:\n  file[/c]: {content: '{{ x }}'}\n"
    with pytest.raises(DataError) as caught:
        compiled(tmp_path, site)
    assert sorted(codes(caught)) == ["missing-class", "undefined-variable", "unknown-attribute", "unknown-type"]


def test_a_tree_without_manifests_says_so(tmp_path):
    with pytest.raises(DataError) as caught:
        cases.compile_files(tmp_path, {"README": "x"}, data={})
    assert codes(caught) == ["missing-manifest"]


def test_the_data_alone_may_give_the_classes(tmp_path):
    files = {"modules/a/manifests/init.yaml": "class: a\n"}
    assert cases.compile_files(tmp_path, files, data={"classes": ["a"]}).catalog.classes == ("a",)


@pytest.mark.parametrize("name", ["notes.txt", "none.yaml", "none.pp"])
def test_what_is_no_manifest_is_refused(tmp_path, name):
    (tmp_path / "notes.txt").write_text("")
    with pytest.raises(DataError) as caught:
        cases.compile_files(tmp_path, {}, data={}, manifest=name)
    assert codes(caught) in (["bad-manifest"], ["missing-file"])


@pytest.mark.parametrize(
    ("text", "version", "fits"),
    [
        ("freehold >= 1.2", "1.2", True),
        ("freehold >= 1.2", "1.10.0", True),
        ("freehold >= 1.2", "1.1.9", False),
        ("freehold > 1.2", "1.2.0", False),
        ("freehold < 2", "1.9", True),
        ("freehold", "1", False),
        ("puppet >= 1", "1", False),
    ],
)
def test_requirements(tmp_path, text, version, fits):
    (tmp_path / "freehold.yaml").write_text(f"requires: {text}\n")
    tree = DirectoryTree(tmp_path)
    if fits:
        check_requirement(tree, version)
    else:
        with pytest.raises(DataError) as caught:
            check_requirement(tree, version)
        assert codes(caught) == ["requires"]


@pytest.mark.parametrize(
    "name", ["m/../../x", "m/..", "m", "/etc/passwd", "https://x/y", "m/../files2/x", "m/a/../../b"]
)
def test_sources_do_not_leave_their_room(tmp_path, name):
    (tmp_path / "modules/m/files").mkdir(parents=True)
    (tmp_path / "x").write_text("x")
    tree = DirectoryTree(tmp_path)
    with pytest.raises(DataError):
        Sources(tree, Environment.find(tree, "production")).path("files", name)


def test_a_thousand_templates_take_no_time_to_speak_of(tmp_path):
    site = "resources:\n  - file[/out/{{ i }}.conf]: {for_each: range(5000), as: i, mode: 0644, owner: root, template: m/t.j2}\n"
    files = {"modules/m/templates/t.j2": "{% for u in range(3) %}\nline {{ i }} {{ u }}\n{% endfor %}\n"}
    started = time.process_time()
    assert len(compiled(tmp_path, site, files=files).catalog.declarations) == 5000
    assert time.process_time() - started < 10


def test_a_default_relation_spares_the_resource_it_names(tmp_path):
    site = (
        "defaults:\n  file: {require: 'file[/srv]', prune: keep}\n"
        "resources:\n  file[/srv]:\n  file[/srv/a]:\n  file[/srv/b]: {prune: first, require: []}\n"
    )
    catalog = compiled(tmp_path, site).catalog
    assert [(str(edge.source), str(edge.target)) for edge in catalog.edges] == [("file[/srv]", "file[/srv/a]")]
    assert [item.prune for item in catalog.declarations] == ["keep", "keep", "first"]


def test_a_resource_that_requires_itself_is_a_cycle(tmp_path):
    with pytest.raises(DataError) as caught:
        compiled(tmp_path, "resources:\n  file[/a]:\n    require: file[/a]\n")
    assert codes(caught) == ["cycle"]


def test_many_lost_relations_are_no_trouble(tmp_path):
    site = "resources:\n  - file[/{{ i }}]: {for_each: range(3000), as: i, require: 'file[/x{{ i }}]'}\n"
    started = time.process_time()
    with pytest.raises(DataError) as caught:
        compiled(tmp_path, site)
    assert len(caught.value.problems) == 3000
    assert time.process_time() - started < 20


def test_many_errors_are_no_trouble(tmp_path):
    site = "resources:\n  - file[/{{ i }}]: {for_each: range(500), as: i, mode: 9}\n"
    with pytest.raises(DataError) as caught:
        compiled(tmp_path, site)
    assert len(caught.value.problems) == 500
