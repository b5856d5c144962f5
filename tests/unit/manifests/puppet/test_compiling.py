"""Whole compilations of the Puppet language: what becomes of statements in a catalog."""

import pytest

from hiera.errors import DataError
from hiera.lookup import Hiera
from hiera.tree import DirectoryTree
from manifests.puppet.compiling.compilation import Wish
from manifests.puppet.compiling.exchange import Offered
from manifests.puppet.compiling.output import as_json
from manifests.puppet.compiling.running import compile_puppet
from manifests.puppet.loaders.loaders import Loaders
from manifests.puppet.loaders.parsing import ParseCache

FACTS = {"os": {"family": "Debian"}, "networking": {"fqdn": "web.example.com"}}


@pytest.fixture
def world(tmp_path):
    """Return what compiles code: ``world(code, files={...})``; files are of the environment."""

    def run(code, files=None, *, version=8, **more):
        for path, text in (files or {}).items():
            (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / path).write_text(text)
        tree = DirectoryTree(tmp_path)
        loaders = Loaders(tree, ["modules"], puppet_version=version)
        paths = {name: module.path for name, module in loaders.modules.items()}
        data = Hiera.build(tree, "production", "", paths)
        programs = [ParseCache().parsed(code.encode(), "site.pp", puppet_version=version)]
        strict = version >= 8
        facts = more.pop("facts", FACTS)
        wish = Wish(
            node="web.example.com", environment="production", facts=facts, trusted={"certname": "web.example.com"},
            programs=programs, strict=strict, strict_variables=strict, **more,
        )  # fmt: skip
        return compile_puppet(wish, loaders, data)

    return run


def resources(compilation, *, reveal=True):
    """Return the parameters of each resource by its name, without those that are always there."""
    found = as_json(compilation.catalog, reveal=reveal)["resources"]
    always = {"Stage[main]", "Class[Settings]", "Class[main]"}
    named = {f"{item['type']}[{item['title']}]": item["parameters"] for item in found}
    return {name: item for name, item in named.items() if name not in always}


def edges(compilation):
    return {(edge["source"], edge["target"]) for edge in as_json(compilation.catalog, reveal=True)["edges"]}


def problems(caught):
    return [(problem.code, str(problem.location)) for problem in caught.value.problems]


def test_parameters_of_a_class_are_given_or_from_hiera_or_defaults(world):
    files = {
        "hiera.yaml": "version: 5\nhierarchy: [{name: c, path: common.yaml}]\n",
        "data/common.yaml": "a::x: from data\na::y: from data\na::z: ~\n",
        "modules/a/manifests/init.pp": (
            "class a($x = 1, $y = 2, $z = 3, $u = 4) { notify { 'n': message => \"$x $y $z $u\" } }"
        ),
    }
    found = resources(world("class { 'a': x => 'given', u => undef }", files))
    assert found["Notify[n]"] == {"message": "given from data 3 4"}
    assert found["Class[A]"] == {"x": "given", "y": "from data", "z": 3, "u": 4}


def test_defines_are_evaluated_late_and_see_what_came_later(world):
    code = """
        define d($m = 'early') { notify { "n-${title}": message => $m } }
        class c { }
        class k inherits c { D['a'] { m => 'late' } }
        d { 'a': }
        D <| title == 'a' |> { m => 'collected' }
    """
    assert resources(world(code))["Notify[n-a]"] == {"message": "collected"}


def test_defaults_follow_the_callers_and_come_before_nothing_given(world):
    code = """
        class a { File { mode => '0600', owner => 'a' } include b  d { 'x': } }
        class b { file { '/b': owner => 'b' } }
        define d { file { '/d': mode => undef } }
        file { '/before': }
        File { mode => '0644' }
        include a
    """
    found = resources(world(code))
    assert found["File[/before]"] == {}
    assert found["File[/b]"] == {"mode": "0600", "owner": "b"}
    assert found["File[/d]"] == {"owner": "a"}


def test_only_what_inherits_may_override(world):
    base = "class a { file { '/x': mode => '1', tag => 'one', owner => 'r' } } include a\n"
    heir = "class b inherits a { File['/x'] { mode => '2', tag +> 'two', owner => undef } } include b"
    assert resources(world(base + heir))["File[/x]"] == {"mode": "2", "tag": ["one", "two"]}
    with pytest.raises(DataError) as caught:
        world(base + "class c { File['/x'] { mode => '2' } } include c")
    assert problems(caught) == [("illegal-override", "site.pp:2:11")]


def test_collectors_realize_also_what_is_declared_later(world):
    code = """
        @user { ['u', 'v']: groups => ['web', 'x'], tag => 'staff' }
        define d { @user { "d-${title}": groups => 'web' } }
        User <| groups == 'web' and title != 'v' |> { shell => '/bin/sh' }
        d { 'a': }
        realize User['v']
    """
    found = resources(world(code))
    assert found["User[u]"]["shell"] == found["User[d-a]"]["shell"] == "/bin/sh"
    assert "shell" not in found["User[v]"]


def test_arrows_become_parameters_of_the_left_side(world):
    code = """
        notify { ['a', 'b']: } -> file { '/f': } ~> Notify <| title == 'c' |>
        @notify { 'c': }
        class k { require j } class j { } include k
    """
    found = resources(world(code))
    assert found["Notify[a]"] == found["Notify[b]"] == {"before": ["File[/f]"]}
    assert found["File[/f]"] == {"notify": ["Notify[c]"]}
    assert found["Class[K]"] == {"require": ["Class[J]"]}


def test_containment_is_puppets(world):
    code = """
        stage { 'pre': before => Stage['main'] }
        class a { contain b  file { '/a': } } class b { } class c { }
        include a
        class { 'c': stage => 'pre' }
        node default { notify { 'n': } }
    """
    assert edges(world(code)) >= {
        ("Stage[main]", "Class[A]"), ("Stage[main]", "Class[B]"), ("Class[A]", "Class[B]"), ("Class[A]", "File[/a]"),
        ("Stage[pre]", "Class[C]"), ("Class[main]", "Node[default]"), ("Node[default]", "Notify[n]"),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("second", "code"),
    [
        ("file { '/a': }", "duplicate-declaration"),
        ("file { 'x': path => '/a' }", "duplicate-declaration"),
        ("file { '/a/': }", "duplicate-declaration"),
        ("file { 'y': alias => '/a' }", "duplicate-declaration"),
        ("file { '/b': modus => '1' }", "unknown-attribute"),
        ("file { '/b': stage => 'x' }", "stage-of-resource"),
        ("nosuch { 'x': }", "unknown-type"),
        ("include nosuch", "unknown-class"),
        ("file { '/b': require => File['/c'] }", "unknown-reference"),
        ("File['/a'] -> File['/c']", "unknown-reference"),
        ("realize File['/c']", "unknown-reference"),
        ("File['/c'] { mode => '1' }", "unknown-reference"),
        ("file { ['/b', '/b']: }", "duplicate-title"),
        ("file { '': }", "bad-title"),
        ("file { '/b': tag => 'no tag' }", "bad-tag"),
        ("define d { d { \"${title}x\": } } d { 'a': }", "endless-defines"),
        ("node x { }", "unclassified-node"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(world, second, code):
    with pytest.raises(DataError) as caught:
        world(f"file {{ '/a': }}\n{second}")
    assert code in [problem.code for problem in caught.value.problems]
    assert all(problem.location is not None for problem in caught.value.problems)


def test_independent_problems_are_told_together(world):
    code = """
        define d($x) { nosuch { 'a': } }
        d { 'one': x => 1 }
        d { 'two': }
        d { 'three': x => 1, y => 2 }
    """
    with pytest.raises(DataError) as caught:
        world(code)
    assert len(caught.value.problems) == 3
    with pytest.raises(DataError) as caught:
        world("file { '/a': modus => 1 }\nfile { '/b': require => File['/c'], mudos => 1 }")
    assert [problem.location.line for problem in caught.value.problems] == [1, 2, 2]


def test_sensitive_values_and_secrets_are_shown_only_on_demand(world):
    code = "file { '/a': content => Sensitive('hush'), mode => '1' }"
    compilation = world(code)
    assert resources(compilation, reveal=False)["File[/a]"] == {"content": "[redacted]", "mode": "1"}
    assert resources(compilation)["File[/a]"]["content"] == "hush"
    item = next(i for i in as_json(compilation.catalog, reveal=False)["resources"] if i["title"] == "/a")
    assert item["sensitive_parameters"] == ["content"]


def test_rich_values_keep_their_kind(world):
    code = "notify { 'n': message => [default, /a/, Integer[1, 2], {1 => undef}, File['/x'], Deferred('f', [1])] }"
    assert resources(world(code))["Notify[n]"]["message"] == [
        {"__ptype": "Default"},
        {"__ptype": "Regexp", "__pvalue": "a"},
        {"__ptype": "Pcore::IntegerType", "from": 1, "to": 2},
        {"__ptype": "Hash", "__pvalue": [1, None]},
        "File[/x]",
        {"__ptype": "Deferred", "name": "f", "arguments": [1]},
    ]


def test_nodes_are_found_by_name_then_expression_then_default(world):
    code = "node /^web\\.(\\w+)/ { notify { $1: } } node 'other' { } node default { notify { 'd': } }"
    assert list(resources(world(code)))[1] == "Notify[example]"
    assert "Notify[n]" in resources(world("node 'WEB.example.com' { notify { 'n': } } node /web/ { }"))


def test_an_unknown_variable_is_an_error_in_8_and_a_warning_in_7(world):
    with pytest.raises(DataError) as caught:
        world('notify { "${nosuch}x": }')
    assert problems(caught) == [("unknown-variable", "site.pp:1:13")]
    found = world('notify { "${nosuch}x": }', version=7)
    assert [problem.code for problem in found.problems.warnings] == ["unknown-variable"]
    assert "Notify[x]" in resources(found)


def test_exported_resources_reach_those_who_collect(world):
    class Others:
        def __init__(self, *hosts):
            self.hosts = hosts

        alone = False

        def offered(self, kind):
            return self.hosts if kind == "Host" else ()

    code = "@@host { 'web': ip => '10.0.0.1' } Host <<| |>>"
    assert "Host[web]" not in resources(world(code))
    assert set(resources(world(code, exchange=Others()))) == {"Host[web]"}
    db = Offered("db", "Host", "db", {"ip": "10.0.0.2"})
    assert set(resources(world(code, exchange=Others(db)))) == {"Host[web]", "Host[db]"}


def test_only_the_facts_that_are_used_are_read(world):
    from runner.facts.recording import Recording  # noqa: PLC0415  the only part of the runner that a manifest meets

    recording = Recording({"os": {"family": "Debian"}, "memory": {"total": 1}, "uptime": 3})
    code = "if $facts['os']['family'] == 'Debian' and $nosuch == undef { notify { 'x': } }"
    world(code, version=7, facts=recording)
    assert {path for path, _ in recording.reads()} == {("os",), ("os", "family"), ("nosuch",)}


def test_a_module_that_is_not_there_is_named(world):
    with pytest.raises(DataError) as caught:
        world("include ntp::server")
    assert caught.value.problems[0].hint == "there is no module 'ntp'"


def test_a_catalog_that_grows_without_end_is_stopped(world, monkeypatch):
    monkeypatch.setattr("manifests.puppet.compiling.catalog.MAX_RESOURCES", 500)
    with pytest.raises(DataError) as caught:
        world('define d { d { ["${title}a", "${title}b"]: } } d { "x": }')
    assert {problem.code for problem in caught.value.problems} == {"too-many-resources"}


def test_classes_may_be_nested_as_deeply_as_calls(world):
    count = 900
    code = "".join(f"class c{n} {{ include c{n + 1} }}\n" for n in range(count))
    found = resources(world(f"{code}class c{count} {{ notify {{ 'deep': }} }}\ninclude c0"))
    assert "Notify[deep]" in found
