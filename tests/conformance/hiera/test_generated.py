"""Hierarchies, data and lookups that hypothesis makes up, asked of the real Puppet and of us."""

import json
import shutil
import tempfile
from pathlib import Path

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.puppet_lookup import Puppet, ours, same

pytestmark = [
    pytest.mark.puppet,
    pytest.mark.skipif(shutil.which("puppet") is None, reason="needs Debian's puppet-agent"),
]

FACTS = {"role": "web", "h": {"k": "K", "l": ["one", {"n": "two"}]}, "many": ["p", "q"], "dot.ted": "D", "num": 3}
KEYS = ["a", "b", "c", "m::x", "m::y", "dot.ted", "h"]
TEXTS = st.sampled_from([
    "", "x", "--x", "17", "yes", "%{facts.role}", "%{role}-%{facts.h.k}", "%{facts.h.l.1.n}", "%{facts.'dot.ted'}", "%{nope}", "%{many.1}",
    "%{lookup('a')}", "<%{lookup('b.k')}>", "%{hiera('c')}", "%{alias('b')}", "%{alias('h.k')}", "%{literal('%')}{x}", "%{scope('num')}",
    "%{lookup('m::x')}", "%{trusted.certname}", "%{environment}", "%{}", "%{lookup(\"'dot.ted'\")}", "100%", "%{facts.many}",
])  # fmt: skip
SCALARS = TEXTS | st.none() | st.booleans() | st.integers(-3, 20) | st.sampled_from([1.5, -0.5])
NAMES = st.sampled_from(["k", "k2", "--k", "dot.ted", "x", "%{facts.role}"]) | st.integers(1, 3)
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES, inner, max_size=4), max_leaves=8
)
MERGES = st.sampled_from([
    "first", "unique", "hash", "deep", {"strategy": "deep", "knockout_prefix": "--"}, {"strategy": "deep", "merge_hash_arrays": True},
    {"strategy": "deep", "sort_merged_arrays": True}, "reverse_deep", {"strategy": "unconstrained_deep", "unpack_arrays": ","},
    {"strategy": "unconstrained_deep", "overwrite_arrays": True}, {"strategy": "unconstrained_deep", "extend_existing_arrays": True},
])  # fmt: skip
OPTIONS = st.fixed_dictionaries(
    {},
    optional={
        "merge": MERGES,
        "convert_to": st.sampled_from(["String", "Array", ["Array", True], "Integer"]),
    },
)
PATTERNS = st.sampled_from(["a", "b", "c", "h", "m::x", "^m::", "^.$", "^dot"])
DATA = st.dictionaries(st.sampled_from(KEYS), VALUES, max_size=5)
LEVELS = st.sampled_from([
    {"name": "node", "path": "%{trusted.certname}.yaml"}, {"name": "role", "paths": ["none.yaml", "%{role}.yaml"]},
    {"name": "glob", "glob": "g/*.yaml"}, {"name": "globs", "globs": ["g/{2,1}.yaml", "web.yaml"]},
    {"name": "many", "mapped_paths": ["many", "it", "m/%{it}.yaml"]}, {"name": "json", "data_hash": "json_data", "path": "j.json"},
])  # fmt: skip
FILES = ["oracle.example.com.yaml", "web.yaml", "g/1.yaml", "g/2.yaml", "m/p.yaml", "m/q.yaml", "j.json"]
ASKED = st.sampled_from(
    [*KEYS[:5], "'dot.ted'", "h.k", "a.0", "b.k.x", "c.1.k", "nowhere", "m::y", "m::z", "lookup_options"]
)
TYPES = st.sampled_from(["String", "Integer", "Array", "Hash", "Optional[String]", "Scalar"])
GIVEN = st.dictionaries(st.sampled_from(["m::y", "m::z", "nowhere"]), VALUES, max_size=2)  # keys that no value looks up
LOOKUPS = st.lists(
    ASKED
    | st.fixed_dictionaries({"key": ASKED, "merge": MERGES})
    | st.fixed_dictionaries(
        {"key": ASKED | st.lists(ASKED, min_size=1, max_size=3)},
        optional={
            "type": TYPES,
            "default": SCALARS,
            "override": GIVEN,
            "default_values_hash": GIVEN,
            "merge": MERGES,
        },
    ),
    min_size=12,
    max_size=12,
)


@pytest.fixture(scope="module")
def puppet():
    real = Puppet()
    yield real
    real.close()


@st.composite
def environments(draw):
    levels = draw(st.lists(LEVELS, min_size=1, max_size=4, unique_by=lambda level: level["name"]))
    files = {"hiera.yaml": {"version": 5, "hierarchy": levels}}
    for name in FILES:
        data = draw(DATA)
        options = draw(st.dictionaries(PATTERNS, OPTIONS, max_size=2))
        files[f"data/{name}"] = data | ({"lookup_options": options} if options else {})
    module = {"version": 5, "hierarchy": [{"name": "c", "path": "c.yaml"}]}
    if draw(st.booleans()):
        module["default_hierarchy"] = [{"name": "d", "path": "d.yaml"}]
    files["modules/m/hiera.yaml"] = module
    for name in ("c", "d"):
        files[f"modules/m/data/{name}.yaml"] = {
            f"m::{key}": draw(VALUES) for key in draw(st.sets(st.sampled_from("xyz")))
        }
    return files


def write(root, files):
    for name, value in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(value) if name.endswith(".json") else yaml.safe_dump(value, sort_keys=False))


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck), print_blob=True)
@given(files=environments(), lookups=LOOKUPS)
def test_answers_as_puppet(puppet, files, lookups):
    with tempfile.TemporaryDirectory() as room:
        write(Path(room), files)
        case = {"dir": Path(room), "facts": FACTS, "lookups": lookups}
        found, wanted = json.loads(json.dumps(ours(case))), puppet.ask(case)
    assert [row for row in zip(lookups, found, wanted, strict=True) if not same(row[1], row[2])] == []
