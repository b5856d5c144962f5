"""What the recorded answers of Puppet do not cover: errors and their places, files, taint, reads, the trail."""

from collections.abc import Mapping

import pytest

from hiera.errors import DataError
from hiera.explain import render
from hiera.lookup import Hiera
from hiera.tree import DirectoryTree
from hiera.values import MISSING, Secret, holds_secret
from hiera.version3 import converted

SCOPE = {"facts": {"os": {"family": "Debian"}}, "trusted": {"certname": "n1"}, "environment": "production"}

ONE_LEVEL = "version: 5\nhierarchy:\n  - {name: c, path: c.yaml}\n"


@pytest.fixture
def build(tmp_path):
    def make(files, *, directory="", modules=None, **more):
        for name, text in files.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text) if isinstance(text, str) else path.write_bytes(text)
        return Hiera.build(DirectoryTree(tmp_path), "production", directory, modules or {}, **more)

    return make


def problem_of(call):
    with pytest.raises(DataError) as caught:
        call()
    assert len(caught.value.problems) == 1
    return caught.value.problems[0]


class Recording(Mapping):
    """A mapping that notes which paths were read."""

    def __init__(self, values, path=(), reads=None):
        self.values_, self.path, self.reads = values, path, set() if reads is None else reads

    def __getitem__(self, key):
        value = self.values_[key]
        self.reads.add((*self.path, key))
        return Recording(value, (*self.path, key), self.reads) if isinstance(value, dict) else value

    def __iter__(self):
        raise AssertionError("read as a whole")

    def __len__(self):
        return len(self.values_)


def test_without_hiera_yaml_no_data_is_read_and_a_warning_says_so(tmp_path):
    (tmp_path / "env/data").mkdir(parents=True)
    (tmp_path / "env/data/common.yaml").write_text("a: 1\n")
    warnings = []
    hiera = Hiera.build(DirectoryTree(tmp_path), "prod", "env", {}, warn=warnings.append)
    assert hiera.lookup("a", SCOPE) is MISSING
    assert [(one.code, one.location.file) for one in warnings] == [("no-hierarchy", "env/hiera.yaml")]
    Hiera.build(DirectoryTree(tmp_path), "prod", "", {}, warn=warnings.append)
    assert len(warnings) == 1, "there is no data that is not read"


def test_beside_manifests_in_yaml_common_yaml_goes_without_saying(build):
    files = {"manifests/site.yaml": "resources: {}\n", "data/common.yaml": "a: 1\n"}
    assert build(files).lookup("a", SCOPE) == 1
    assert build(files).lookup("b", SCOPE) is MISSING


def test_a_hiera_yaml_without_a_hierarchy_reads_common_yaml(build):
    assert build({"hiera.yaml": "version: 5\n", "data/common.yaml": "a: 1\n"}).lookup("a", SCOPE) == 1


def test_an_environment_in_a_directory_reads_data_anywhere_in_the_tree(build):
    files = {
        "environments/prod/hiera.yaml": "version: 5\nhierarchy:\n"
        "  - {name: own, path: c.yaml}\n  - {name: shared, path: c.yaml, datadir: ../../shared}\n",
        "environments/prod/data/c.yaml": "a: own\n",
        "shared/c.yaml": "a: shared\nb: shared\n",
    }
    hiera = build(files, directory="environments/prod")
    assert (hiera.lookup("a", SCOPE), hiera.lookup("b", SCOPE)) == ("own", "shared")


@pytest.mark.parametrize("datadir", ["../x", "/etc", "a/../../x"])
def test_a_datadir_outside_the_tree_is_an_error(build, datadir):
    text = f"version: 5\ndefaults:\n  data_hash: yaml_data\n  datadir: {datadir}\nhierarchy: [{{name: a, path: b}}]\n"
    problem = problem_of(lambda: build({"hiera.yaml": text}))
    assert (problem.code, problem.location.line) == ("path-escape", 4)


def test_a_path_that_the_hierarchy_leads_outside_is_no_file(build):
    warnings = []
    text = "version: 5\nhierarchy:\n  - {name: a, paths: [/etc/local.yaml, b.yaml]}\n"
    hiera = build({"hiera.yaml": text, "data/b.yaml": "a: 1\n"}, warn=warnings.append)
    assert hiera.lookup("a", SCOPE) == 1
    assert [(one.code, one.severity, one.location.line) for one in warnings] == [("path-outside", "warning", 3)]


def test_a_fact_that_is_not_there_makes_a_path_absolute_and_so_no_file(build):
    warnings = []
    text = "version: 5\nhierarchy:\n  - {name: a, paths: ['%{facts.x}/b.yaml', b.yaml]}\n"
    hiera = build({"hiera.yaml": text, "data/b.yaml": "a: 1\n"}, warn=warnings.append)
    assert hiera.lookup("a", SCOPE) == 1
    assert [(one.code, one.location.line) for one in warnings] == [("path-outside", 3)]


def test_mapped_paths_of_a_number_are_an_error(build):
    text = "version: 5\nhierarchy:\n  - {name: a, mapped_paths: [facts.x, it, '%{it}.yaml']}\n"
    problem = problem_of(lambda: build({"hiera.yaml": text}).lookup("a", {"facts": {"x": 5}}))
    assert (problem.code, problem.location.line) == ("mapped-paths", 3)


def test_mapped_paths_do_not_leave_the_tree(build):
    text = "version: 5\nhierarchy:\n  - {name: a, mapped_paths: [facts.x, it, '%{it}/b.yaml']}\n"
    hiera = build({"hiera.yaml": text})
    assert hiera.lookup("a", {"facts": {"x": ["/etc"]}}) is MISSING
    assert problem_of(lambda: hiera.lookup("a", {"facts": {"x": ["../.."]}})).code == "path-escape"


def test_a_path_that_a_fact_leads_outside_is_an_error(build):
    text = "version: 5\nhierarchy:\n  - {name: a, path: '%{facts.x}/b.yaml'}\n"
    hiera = build({"hiera.yaml": text})
    problem = problem_of(lambda: hiera.lookup("a", {"facts": {"x": "../../.."}}))
    assert (problem.code, problem.location.line) == ("path-escape", 3)


@pytest.mark.parametrize(
    ("text", "code", "line", "words"),
    [
        ("version: 4\n", "hiera-version", 1, "only 5 and 3"),
        ("version: 5\nhierarchie: []\n", "hiera-config", 2, "hierarchie"),
        ("version: 5\nhierarchy:\n- {path: x}\n", "hiera-config", 3, "name"),
        ("version: 5\nhierarchy:\n- {name: x}\n", "hiera-config", 3, "no files"),
        ("version: 5\nhierarchy:\n- {name: x, path: a, glob: b}\n", "hiera-config", 3, "more than one way"),
        ("version: 5\nhierarchy:\n- {name: x, path: a, data_hash: y, lookup_key: z}\n", "hiera-config", 3, "backend"),
        ("version: 5\nhierarchy:\n- name: x\n  path: a\n  data_hash: yaml_dat\n", "unknown-backend", 5, "yaml_dat"),
        ("version: 5\nhierarchy:\n- {name: x, path: a}\n- {name: x, path: b}\n", "hiera-config", 4, "two levels"),
        ("version: 5\ndefault_hierarchy:\n- {name: x, path: a}\n", "hiera-config", 3, "module"),
        ("version: 5\nhierarchy:\n- {name: x, mapped_paths: [a, b]}\n", "hiera-config", 3, "mapped_paths"),
        ("version: 5\nhierarchy:\n- {name: x, path: a, options: {path: b}}\n", "hiera-config", 3, "reserved"),
        ("version: 5\nhierarchy:\n- {name: x, uri: 'http://x'}\n", "hiera-config", 3, "URI"),
        ("version: 5\nhierarchy:\n- {name: x, path: a, lookup_key: own}\n", "unknown-backend", 3, "own"),
        ("version: 5\nhierarchy: {}\n", "hiera-config", 2, "list"),
        ("[]\n", "hiera-config", 1, "mapping"),
    ],
)
def test_wrong_configurations(build, text, code, line, words):
    problem = problem_of(lambda: build({"hiera.yaml": text}))
    assert (problem.code, problem.location.file, problem.location.line) == (code, "hiera.yaml", line)
    assert words in problem.message


def test_all_problems_of_a_configuration_at_once(build):
    with pytest.raises(DataError) as caught:
        build({"hiera.yaml": "version: 5\nfoo: 1\nhierarchy:\n- {name: x}\n- {name: y, path: a, data_hash: z}\n"})
    assert [problem.location.line for problem in caught.value.problems] == [2, 4, 5]


def test_eyaml_options_are_accepted(build):
    text = (
        "version: 5\nhierarchy:\n- name: e\n  lookup_key: eyaml_lookup_key\n  path: e.eyaml\n"
        "  options: {gpg_gnupghome: /nowhere, pkcs7_private_key: /nowhere, gpg_recipients: a@b}\n"
    )
    assert build({"hiera.yaml": text, "data/e.eyaml": "a: plain\n"}).lookup("a", SCOPE) == "plain"


@pytest.mark.parametrize(
    ("text", "code", "line", "column"),
    [
        ("ok: 1\na: {b\n", "yaml-syntax", 2, 6),
        ("ok: 1\na: 2001-01-01\n", "yaml-scalar", 2, 4),
        ("ok: 1\na: '%{lookup(''a'')}'\n", "lookup-recursion", 2, 1),
        ("ok: 1\na: '%{nope(''a'')}'\n", "interpolation", 2, 1),
        ("a: \xff".encode("latin-1"), "encoding", 1, 4),
    ],
)
def test_errors_in_data_name_the_place(build, text, code, line, column):
    problem = problem_of(lambda: build({"hiera.yaml": ONE_LEVEL, "data/c.yaml": text}).lookup("a", SCOPE))
    assert problem.code == code
    assert (problem.location.file, problem.location.line, problem.location.column) == ("data/c.yaml", line, column)


def test_recursion_shows_its_chain(build):
    hiera = build(
        {
            "hiera.yaml": ONE_LEVEL,
            "data/c.yaml": "a: '%{lookup(\"b\")}'\nb: '%{alias(\"c.d\")}'\nc: {d: '%{hiera(\"a\")}'}\n",
        }
    )
    assert "a -> b -> c.d -> a" in problem_of(lambda: hiera.lookup("a", SCOPE)).message


def test_a_variable_that_holds_itself_is_an_error(build):
    hiera = build({"hiera.yaml": ONE_LEVEL, "data/c.yaml": "a: '%{facts.x}'\n"})
    problem = problem_of(lambda: hiera.lookup("a", {"facts": {"x": "1%{facts.x}"}}))
    assert problem.code == "lookup-recursion"


def test_a_path_that_no_file_can_have(build):
    hiera = build({"hiera.yaml": "version: 5\nhierarchy:\n  - {name: a, path: '%{facts.x}'}\n"})
    assert problem_of(lambda: hiera.lookup("a", {"facts": {"x": "a\0b"}})).code == "path-character"


def test_functions_are_no_part_of_a_path(build):
    text = "version: 5\nhierarchy:\n  - {name: c, path: '%{lookup(\"x\")}.yaml'}\n"
    assert problem_of(lambda: build({"hiera.yaml": text}).lookup("a", SCOPE)).code == "interpolation"


def test_files_are_read_once(build, tmp_path):
    hiera = build({"hiera.yaml": ONE_LEVEL, "data/c.yaml": "a: 1\nb: 2\n"})
    assert hiera.lookup("a", SCOPE) == 1
    (tmp_path / "data/c.yaml").write_text("a: 9\nb: 9\n")
    assert hiera.lookup("b", SCOPE) == 2


def test_levels_follow_variables_that_change(build):
    text = "version: 5\nhierarchy:\n  - {name: c, path: '%{role}.yaml'}\n"
    hiera = build({"hiera.yaml": text, "data/web.yaml": "a: web\n", "data/db.yaml": "a: db\n"})
    scope = {"role": "web"}
    assert hiera.lookup("a", scope) == "web"
    scope["role"] = "db"
    assert hiera.lookup("a", scope) == "db"
    assert hiera.lookup("a", {}) is MISSING


def test_facts_are_read_item_by_item(build):
    text = "version: 5\nhierarchy:\n  - {name: c, path: '%{facts.os.family}.yaml'}\n"
    hiera = build({"hiera.yaml": text, "data/Debian.yaml": "a: '%{kernel} %{::facts.net.ip}'\n"})
    facts = {"os": {"family": "Debian", "name": "x"}, "kernel": "Linux", "net": {"ip": "1.2.3.4", "mac": "x"}, "no": 1}
    scope = Recording({"facts": facts})
    assert hiera.lookup("a", scope) == "Linux 1.2.3.4"
    leaves = {path[1:] for path in scope.reads if path[0] == "facts" and len(path) > 1}
    assert leaves == {("os",), ("os", "family"), ("kernel",), ("net",), ("net", "ip")}


def test_warnings(build):
    warnings = []
    files = {
        "hiera.yaml": "version: 5\nhierarchy:\n  - {name: c, paths: [c.yaml, l.yaml, e.yaml, j.json]}\n",
        "data/c.yaml": "a: 1\na: 2\n",
        "data/l.yaml": "- a\n",
        "data/e.yaml": "",
    }
    assert build(files, warn=warnings.append).lookup("a", SCOPE, "unique") == [2]
    assert [(w.code, w.location.file) for w in warnings] == [
        ("duplicate-key", "data/c.yaml"),
        ("data-not-hash", "data/l.yaml"),
        ("data-not-hash", "data/e.yaml"),
    ]
    assert all(w.severity == "warning" for w in warnings)


@pytest.mark.parametrize(
    ("text", "code", "line"),
    [
        ('{"a": 1,\n"b" 2}', "json-syntax", 2),
        ('{"a": ' + "[" * 60 + "]" * 60 + "}", "json-depth", 1),
        ('{"a": "' + "x" * (1 << 20) + '"}', "json-size", 0),
        ("[" * 100_000, "json-syntax", 0),
        (b'{"a": "\xff"}', "encoding", 1),
    ],
)
def test_wrong_json(build, text, code, line):
    config = "version: 5\nhierarchy:\n  - {name: c, path: c.json, data_hash: json_data}\n"
    problem = problem_of(lambda: build({"hiera.yaml": config, "data/c.json": text}).lookup("a", SCOPE))
    assert (problem.code, problem.location.line) == (code, line)


def test_json_duplicates_warn(build):
    config = "version: 5\nhierarchy:\n  - {name: c, path: c.json, data_hash: json_data}\n"
    warnings = []
    hiera = build({"hiera.yaml": config, "data/c.json": '{"a": 1, "a": 2}'}, warn=warnings.append)
    assert hiera.lookup("a", SCOPE) == 2
    assert "'a'" in warnings[0].message


OPTIONS = """
lookup_options:
  s: {convert_to: Sensitive}
  h: {merge: hash, convert_to: [Sensitive]}
  i: {convert_to: [Integer, 8]}
s: geheim
h: {k: geheim}
i: '17'
text: "<%{lookup('s')}>"
list: "%{lookup('l')}"
l: ["%{alias('s')}"]
dug: "%{lookup('h.k')}"
"""


def test_sensitive_taints_what_it_touches(build):
    hiera = build({"hiera.yaml": ONE_LEVEL, "data/c.yaml": OPTIONS})
    assert hiera.lookup("s", SCOPE).reveal() == "geheim"
    assert hiera.lookup("h", SCOPE).reveal() == {"k": "geheim"}
    assert hiera.lookup("text", SCOPE).reveal() == "<geheim>"
    assert hiera.lookup("list", SCOPE).reveal() == '["geheim"]'
    assert isinstance(hiera.lookup("dug", SCOPE), Secret)
    assert hiera.lookup("h.k", SCOPE).reveal() is not None
    assert holds_secret(hiera.lookup("l", SCOPE))


def test_convert_to_calls_the_hook(build):
    files = {"hiera.yaml": ONE_LEVEL, "data/c.yaml": OPTIONS}
    hiera = build(files, convert=lambda name, arguments, value: (name, list(arguments), value))
    assert hiera.lookup("i", SCOPE) == ("Integer", [8], "17")
    problem = problem_of(lambda: build(files).lookup("i", SCOPE))
    assert (problem.code, problem.location.line) == ("convert-to", 8)


@pytest.mark.parametrize("options", ["[1]", "{a: 1}", "{'^(': {merge: hash}}"])
def test_wrong_lookup_options(build, options):
    hiera = build({"hiera.yaml": ONE_LEVEL, "data/c.yaml": f"b: 1\nlookup_options: {options}\n"})
    problem = problem_of(lambda: hiera.lookup("b", SCOPE))
    assert (problem.location.file, problem.location.line) == ("data/c.yaml", 2)


@pytest.mark.parametrize("options", ["{a: {merge: hush}}", "{a: {merge: {strategy: hash, x: 1}}}"])
def test_a_wrong_merge_counts_only_for_its_key(build, options):
    hiera = build({"hiera.yaml": ONE_LEVEL, "data/c.yaml": f"a: 1\nb: 1\nlookup_options: {options}\n"})
    assert hiera.lookup("b", SCOPE) == 1
    problem = problem_of(lambda: hiera.lookup("a", SCOPE))
    assert (problem.code, problem.location.file, problem.location.line) == ("merge-strategy", "data/c.yaml", 3)
    assert problem_of(lambda: hiera.lookup("b", SCOPE, "hush")).code == "merge-strategy"


@pytest.mark.parametrize("key", ["a..b", ".a", "a.", "a.'b", "'a'b"])
def test_wrong_keys(build, key):
    assert problem_of(lambda: build({}).lookup(key, SCOPE)).code == "lookup-key"


def test_the_trail_is_data_and_text(build):
    files = {
        "hiera.yaml": "version: 5\nhierarchy:\n  - {name: n, path: '%{trusted.certname}.yaml'}\n  - {name: c, path: c.yaml}\n",
        "data/c.yaml": "lookup_options: {a: {merge: unique}, s: {convert_to: Sensitive}}\na: [1]\ns: geheim\n",
    }
    hiera = build(files)
    answer = hiera.explain("a", SCOPE)
    assert answer.value == [1]
    options, merge = answer.trail.steps
    assert (options.kind, merge.kind, merge.name, merge.value) == ("options", "merge", "unique", [1])
    (layer,) = merge.steps
    assert [(level.name, level.outcome) for level in layer.steps] == [("n", "not-found"), ("c", "found")]
    assert [(p.name, p.detail, p.outcome) for level in layer.steps for p in level.steps] == [
        ("data/n1.yaml", "%{trusted.certname}.yaml", "no-file"),
        ("data/c.yaml", "c.yaml", "found"),
    ]
    text = render(answer.trail)
    assert 'Hierarchy entry "n"\n' in text
    assert "Path not found" in text
    assert "Merged result: [" in text
    assert "No such key" in render(hiera.explain("nope", SCOPE).trail)


VERSION3 = """
:backends: [eyaml, yaml]
:hierarchy: ["nodes/%{::trusted.certname}", common]
:eyaml:
  :datadir: "/etc/puppetlabs/code/environments/%{::environment}/secret"
  :extension: yaml
:yaml:
  :datadir: /srv/hieradata
:merge_behavior: deeper
:logger: console
"""


def test_version_3_is_read_with_a_warning(build):
    warnings = []
    files = {
        "hiera.yaml": VERSION3,
        "secret/common.yaml": "a: secret\n",
        "hieradata/common.yaml": "a: plain\nb: plain\n",
        "hieradata/nodes/n1.yaml": "b: node\n",
    }
    hiera = build(files, warn=warnings.append)
    assert [hiera.lookup(key, SCOPE) for key in ("a", "b")] == ["secret", "node"]
    assert [(one.code, one.severity) for one in warnings] == [("hiera-version", "warning")]
    assert "hiera convert" in warnings[0].hint


def test_what_version_5_cannot_say_is_told():
    found = converted({":backends": ["redis", "json"], ":hierarchy": "common", ":merge_behavior": "deeper"})
    assert [word for text in found.lost for word in ("redis", "deeper") if word in text] == ["redis", "deeper"]
    (level,) = found.document["hierarchy"]
    assert level == {
        "name": "common (json)",
        "data_hash": "json_data",
        "path": "common.json",
        "datadir": "hieradata",
    }
