"""Back ends that a site writes in Python, URIs, and the global layer."""

import pytest

from hiera.errors import DataError
from hiera.lookup import Hiera
from hiera.tree import DirectoryTree
from hiera.values import MISSING

SCOPE = {"facts": {"x": "X"}, "role": "web"}
BACKEND = """
import json
calls = []

def lookup_key(key, options, context):
    calls.append(key)
    if key == "boom":
        raise ValueError("geheim")
    if key == "told":
        context.fail("the service is away")
    if key == "calls":
        return calls
    if key == "where":
        return [options, context.environment_name, context.module_name, context.interpolate("%{role}")]
    if key == "kept":
        return context.cached_value("n") if context.cache_has_key("n") else context.cache("n", len(calls))
    if "path" in options:
        return json.loads(context.read(options["path"])).get(key) or context.not_found()
    context.not_found()

def data_dig(segments, options, context):
    return {"a": {1: "dug"}}.get(segments[0], {}).get(segments[-1]) or context.not_found()

def data_hash(options, context):
    return {"h": "%{role}", "m::h": 1, "lookup_options": {"l": {"merge": "unique"}}} if options.get("ok", True) else "x"
"""


@pytest.fixture
def build(tmp_path):
    def make(levels, files=None, *, directory="", modules=None, backend=BACKEND):
        config = f"version: 5\nhierarchy:\n{levels}"
        named = {"lib/hiera/own.py": backend, f"{directory}/hiera.yaml": config, **(files or {})}
        for name, text in named.items():
            path = tmp_path / name.lstrip("/")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return Hiera.build(DirectoryTree(tmp_path), "prod", directory, modules or {})

    return make


def problem_of(call):
    with pytest.raises(DataError) as caught:
        call()
    return caught.value.problems[0]


def test_lookup_key_with_options_and_without_files(build):
    hiera = build(
        "- {name: o, lookup_key: own, options: {a: '%{facts.x}'}}\n- {name: c, path: c.yaml}\n",
        {"data/c.yaml": "low: 1\n"},
    )
    assert hiera.lookup("where", SCOPE) == [{"a": "X"}, "prod", None, "web"]
    assert hiera.lookup("low", SCOPE) == 1
    assert hiera.lookup("nope", SCOPE) is MISSING
    assert hiera.lookup("kept", SCOPE) == hiera.lookup("kept", SCOPE)


def test_paths_and_uris_are_options(build):
    levels = "- {name: p, lookup_key: own, path: '%{role}.json'}\n- {name: u, lookup_key: own, uris: ['x://%{role}', 'y://']}\n"
    hiera = build(levels, {"data/web.json": '{"k": 5}'})
    assert hiera.lookup("k", SCOPE) == 5
    assert hiera.lookup("where", SCOPE)[0] == {"path": "data/web.json"}
    assert hiera.lookup("where", {"role": "db"})[0] == {"uri": "x://db"}
    addresses = [one["uri"] for one in hiera.lookup("where", {"role": "db"}, "unique") if isinstance(one, dict)]
    assert addresses == ["x://db", "y://"]


def test_data_dig_and_data_hash(build):
    hiera = build(
        "- {name: d, data_dig: own}\n- {name: h, data_hash: own}\n- {name: l, path: l.yaml}\n",
        {"data/l.yaml": "l: [1, 1]\n"},
    )
    assert hiera.lookup("a.b.1", SCOPE) == "dug"
    assert hiera.lookup("h", SCOPE) == "web"
    assert hiera.lookup("l", SCOPE) == [1]


def test_a_module_has_its_own_backend(build):
    files = {
        "modules/m/hiera.yaml": "version: 5\nhierarchy: [{name: m, data_hash: 'm::special'}]\n",
        "modules/m/lib/hiera/special.py": "def data_hash(options, context): return {'m::a': context.module_name, 'n::a': 2}\n",
    }
    hiera = build("- {name: c, path: c.yaml}\n", files, modules={"m": "modules/m"})
    assert hiera.lookup("m::a", SCOPE) == "m"
    assert hiera.lookup("n::a", SCOPE) is MISSING


@pytest.mark.parametrize(
    ("backend", "key", "words", "line"),
    [
        (BACKEND, "boom", "ValueError", 8),
        (BACKEND, "told", "the service is away", 0),
        ("def other(): pass\n", "a", "defines no function 'lookup_key'", 0),
        ("x = (\n", "a", "cannot be read", 1),
        ("\nimport nothing_of_this_name\n", "a", "ModuleNotFoundError", 2),
    ],
)
def test_what_goes_wrong_in_one_names_the_line_and_no_value(build, backend, key, words, line):
    problem = problem_of(lambda: build("- {name: o, lookup_key: own}\n", backend=backend).lookup(key, SCOPE))
    assert (problem.code, problem.location.file, problem.location.line) == ("backend-failed", "lib/hiera/own.py", line)
    assert words in problem.message
    assert "geheim" not in problem.render()


def test_a_data_hash_that_is_none(build):
    hiera = build("- {name: h, data_hash: own, options: {ok: false}}\n")
    assert "must return a mapping" in problem_of(lambda: hiera.lookup("h", SCOPE)).message


def test_the_global_layer_stands_above_every_environment(build):
    files = {
        "hiera.yaml": "version: 5\nhierarchy: [{name: g, path: g.yaml}]\n",
        "data/g.yaml": "a: global\nl: [1]\nlookup_options: {l: {merge: unique}}\n",
        "environments/prod/data/c.yaml": "a: own\nb: own\nl: [2]\n",
    }
    hiera = build("- {name: c, path: c.yaml}\n", files, directory="environments/prod")
    assert [hiera.lookup(key, SCOPE) for key in "abl"] == ["global", "own", [1, 2]]
    assert [step.name for step in hiera.explain("b", SCOPE).trail.steps] == ["global", "environment prod"]
