"""Names to files: autoloading, environment.conf, what is kept between runs, what a Puppetfile says."""

from pathlib import Path

import pytest

from hiera.errors import DataError
from hiera.tree import DirectoryTree
from manifests.environment import Environment
from manifests.puppet.loaders import Loaders, ParseCache
from manifests.puppet.loaders.puppetfile import not_vendored, read_puppetfile


def loaders(tmp_path: Path, files: dict[str, str], *places: str, cache: ParseCache | None = None) -> Loaders:
    for name, text in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return Loaders(DirectoryTree(tmp_path), places or ("modules",), puppet_version=8, cache=cache)


def problem(error: pytest.ExceptionInfo[DataError]) -> tuple[str, str]:
    first = error.value.problems[0]
    return first.code, str(first.location)


def test_a_class_is_found_in_the_nearest_file(tmp_path: Path) -> None:
    found = loaders(
        tmp_path,
        {
            "modules/a/manifests/init.pp": "class a {}\nclass a::inside {}",
            "modules/a/manifests/b/c.pp": "class a::b::c {}",
            "modules/a/manifests/d.pp": "define a::d {}\nclass a::d::e {}",
        },
    )
    assert str(found.find_class("::A::B::C").location) == "modules/a/manifests/b/c.pp:1:1"  # type: ignore[union-attr]  # found
    assert found.find_class("a::inside") is not None
    assert found.find_class("a::d::e") is not None
    assert found.find_class("a::d") is None
    assert found.find_define("a::d") is not None
    assert found.find_class("a::nothing") is None
    assert found.find_class("a::../../a/manifests/b/c") is None
    assert found.find_class("other") is None


def test_the_first_module_of_a_name_wins(tmp_path: Path) -> None:
    files = {"one/a/manifests/init.pp": "class a {}", "two/a/manifests/x.pp": "class a::x {}", "two/b/files/f": ""}
    found = loaders(tmp_path, files, "one", "two")
    assert found.modules["a"].path == "one/a"
    assert found.find_class("a::x") is None
    assert sorted(found.modules) == ["a", "b"]
    assert found.file("b/f") == "two/b/files/f"
    assert found.file("b/../f") is None
    assert found.template("b/f") is None


def test_functions_and_aliases_have_files_of_their_own(tmp_path: Path) -> None:
    files = {
        "modules/a/functions/b/f.pp": "function a::b::f() { 1 }",
        "modules/a/functions/wrong.pp": "\nfunction a::other() { 1 }",
        "modules/a/functions/empty.pp": "",
        "modules/a/functions/two.pp": "function a::two() { 1 }\nfunction a::three() { 1 }",
        "modules/a/types/port.pp": "type A::Port = Integer[1]",
        "modules/a/types/odd.pp": "type A::Even = Integer[1]",
        "functions/own.pp": "function environment::own() { 1 }",
    }
    found = loaders(tmp_path, files)
    assert found.find_function("a::b::f") is not None
    assert found.find_function("environment::own") is not None
    assert found.find_alias("A::Port") is not None
    assert found.find_alias("A::Nothing") is None
    with pytest.raises(DataError) as wrong:
        found.find_function("a::wrong")
    assert problem(wrong) == ("misplaced-definition", "modules/a/functions/wrong.pp:2:1")
    message = "the file defines the function 'a::other', but its place means 'a::wrong'"
    assert wrong.value.problems[0].message == message
    with pytest.raises(DataError, match="defines the type 'A::Even', but its place means 'a::odd'"):
        found.find_alias("A::Odd")
    with pytest.raises(DataError) as empty:
        found.find_function("a::empty")
    assert problem(empty)[0] == "missing-definition"
    with pytest.raises(DataError) as two:
        found.find_function("a::two")
    assert problem(two)[0] == "misplaced-definition"


def test_a_file_that_defines_something_else_is_told(tmp_path: Path) -> None:
    found = loaders(tmp_path, {"modules/a/manifests/b.pp": "class b {}", "modules/a/manifests/c.pp": ""})
    with pytest.raises(DataError) as wrong:
        found.find_class("a::b")
    assert problem(wrong) == ("misplaced-definition", "modules/a/manifests/b.pp:1:1")
    assert found.find_class("a::c") is None
    hint = "manifests/c.pp of the module 'a' is where 'a::c' should stand, but does not define it"
    assert found.hint_for("a::c") == hint


def test_a_site_manifest_counts_first_and_names_stand_once(tmp_path: Path) -> None:
    files = {"site.pp": "class a {}", "more.pp": "define a() {}", "modules/a/manifests/init.pp": "class a {}"}
    found = loaders(tmp_path, files)
    assert found.find_class("nothing") is None
    found.add_program(found.parse("site.pp"))
    found.add_program(found.parse("site.pp"))
    assert found.find_class("a").location.file == "site.pp"  # type: ignore[union-attr]  # it was found
    with pytest.raises(DataError) as twice:
        found.add_program(found.parse("more.pp"))
    assert problem(twice) == ("duplicate-definition", "more.pp:1:1")


class Store(dict[str, bytes]):
    def put(self, key: str, data: bytes) -> None:
        self[key] = data


def test_what_was_parsed_is_read_back(tmp_path: Path) -> None:
    store = Store()
    files = {"a.pp": 'class a(Integer $x = 1) { $x.each |$y| { notice("${y} \\q") } }', "b.epp": "<%= 1 %>"}
    first = loaders(tmp_path, files, cache=ParseCache(store))
    fresh = [first.parse(name) for name in files]
    again = Loaders(first.tree, (), puppet_version=8, cache=ParseCache(store))
    kept = [again.parse(name) for name in files]
    assert len(store) == 2
    assert [item.program for item in kept] == [item.program for item in fresh]
    assert kept[0].warnings == fresh[0].warnings != ()
    assert kept[0].program is not fresh[0].program
    for key in store:
        store[key] = b"\x93rubbish"
    third = Loaders(first.tree, (), puppet_version=8, cache=ParseCache(store))
    assert third.parse("a.pp").program == fresh[0].program


def test_environment_conf_names_the_modulepath(tmp_path: Path) -> None:
    conf = (
        'modulepath = "./site:dist:$basemodulepath:/opt/x:../../up"\nconfig_version = x\nmanifest=m/\nmodulpath = y\n'
    )
    for directory in (
        "environments/prod/site/a",
        "environments/prod/dist/a",
        "modules/b",
        "environments/prod/modules/c",
    ):
        (tmp_path / directory).mkdir(parents=True)
    (tmp_path / "environments/prod/environment.conf").write_text(conf)
    found = Environment.find(DirectoryTree(tmp_path), "prod")
    assert found.modulepath == ("environments/prod/site", "environments/prod/dist", "modules", "up")
    assert found.modules == {"a": "environments/prod/site/a", "b": "modules/b"}
    assert found.manifest == "environments/prod/m"
    assert [item.code for item in found.warnings] == ["path-escape", "ignored-setting", "unknown-setting"]
    assert found.warnings[2].hint == "did you mean 'modulepath'?"


def test_metadata_is_read_when_asked_for(tmp_path: Path) -> None:
    text = '{"name": "me-a", "version": "1.2.3", "dependencies": [{"name": "puppetlabs/stdlib"}], "x": 1}'
    found = loaders(tmp_path, {"modules/a/metadata.json": text, "modules/b/metadata.json": "[", "modules/c/x": ""})
    assert found.modules["a"].metadata.version == "1.2.3"
    assert [item.name for item in found.modules["a"].metadata.dependencies or ()] == ["puppetlabs/stdlib"]
    assert found.modules["c"].metadata.version is None
    with pytest.raises(DataError) as broken:
        _ = found.modules["b"].metadata
    assert problem(broken)[0] == "bad-metadata"


PUPPETFILE = """\
# modules
forge 'https://forge.example'
moduledir 'external'
mod 'puppetlabs/stdlib', '9.4.1'
mod "puppetlabs-apt", :latest # newest
mod 'ntp'
mod 'mine',
  :git => 'https://git.example/mine.git',
  tag: 'v1'
mod('b', git: "g", branch: 'main', install_path: 'site')
mod 'here', :local => true
mod x
mod 'ntp'
mod 'z', "#{version}"
"""


def test_a_puppetfile_is_understood_without_running_it() -> None:
    found = read_puppetfile(PUPPETFILE, "Puppetfile")
    assert (found.forge, found.moduledir) == ("https://forge.example", "external")
    rows = [(item.owner, item.name, item.kind, item.version, item.ref) for item in found.modules]
    assert rows == [
        ("puppetlabs", "stdlib", "forge", "9.4.1", None),
        ("puppetlabs", "apt", "forge", "latest", None),
        ("", "ntp", "forge", "", None),
        ("", "mine", "git", "", "v1"),
        ("", "b", "git", "", "main"),
        ("", "here", "local", "", None),
    ]
    assert [(item.code, item.location.line if item.location else 0) for item in found.problems] == [
        ("unknown-statement", 12),
        ("duplicate-module", 13),
        ("computed-value", 14),
    ]


def test_a_module_that_is_not_vendored_is_named(tmp_path: Path) -> None:
    found = loaders(tmp_path, {"Puppetfile": "\nmod 'puppetlabs/ntp', '1.0.0'"})
    assert found.find_class("ntp::server") is None
    hint = "module 'ntp' is named in Puppetfile:2 but not in the repository: run `freehold vendor`"
    assert found.hint_for("ntp::server") == hint
    assert found.hint_for("other") is None
    (warning,) = not_vendored(found.tree, Environment.find(found.tree, "any"))
    assert (warning.code, str(warning.location)) == ("missing-module", "Puppetfile:2:1")


def test_a_tree_may_be_all_of_a_machine(tmp_path: Path) -> None:
    (tmp_path / "modules/a/manifests").mkdir(parents=True)
    (tmp_path / "modules/a/manifests/init.pp").write_text("class a {}")
    found = Loaders(DirectoryTree("/"), [f"{tmp_path}/modules".lstrip("/")], puppet_version=7)
    assert found.find_class("a") is not None
