"""Every construct of the language, held against what the real Puppet 7 and 8 make of it.

``snippets.json`` has our own snippets and Puppet's answers: the tree in Puppet Notation (null where Puppet's printer
fails), and from which version on a snippet is refused.
"""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from hiera.errors import Collector
from manifests.puppet.parser import parse
from manifests.puppet.pn import to_pn
from manifests.puppet.source import Source
from manifests.puppet.validation import validate

HERE = Path(__file__).parent
SNIPPETS = json.loads((HERE / "snippets.json").read_text())
NEVER = 9


def read(snippet, version):
    """Return the tree of a snippet and what is wrong with it."""
    collector, source = Collector(), Source(snippet["code"], "snippet.pp")
    program = parse(source, collector, epp=snippet.get("epp", False))
    if program is not None:
        validate(program, source, collector, puppet_version=version)
    return program, collector.errors


@pytest.mark.parametrize("version", [7, 8])
@pytest.mark.parametrize("snippet", SNIPPETS, ids=[repr(item["code"])[:60] for item in SNIPPETS])
def test_the_verdict_is_puppets(snippet, version):
    _, errors = read(snippet, version)

    assert bool(errors) == (snippet.get("refused_by", NEVER) <= version), errors
    for problem in errors:
        assert problem.location.file == "snippet.pp"
        assert 1 <= problem.location.line <= snippet["code"].count("\n") + 1
        assert problem.message[-1] not in ".!"


@pytest.mark.parametrize(
    "snippet",
    [item for item in SNIPPETS if item.get("pn")],
    ids=lambda item: repr(item["code"])[:60],
)
def test_the_tree_is_puppets(snippet):
    program, _ = read(snippet, 7)

    assert to_pn(program) == snippet["pn"]


@pytest.mark.puppet
@pytest.mark.skipif(shutil.which("puppet") is None, reason="needs Debian's puppet-agent")
def test_the_records_are_puppets():
    """The recorded answers are those of the Puppet installed here, which is version 7."""
    done = subprocess.run(
        ["ruby", str(HERE / "oracle.rb")],
        input=json.dumps(SNIPPETS), capture_output=True, text=True, check=True, env={"LANG": "C.UTF-8", "PATH": "/usr/bin:/bin"},
    )  # fmt: skip
    answers = json.loads(done.stdout)

    for snippet, answer in zip(SNIPPETS, answers, strict=True):
        assert answer["ok"] == (snippet.get("refused_by", NEVER) > 7), snippet["code"]
        assert answer["pn"] == snippet.get("pn"), snippet["code"]
