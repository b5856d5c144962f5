"""Expressions and templates: types kept, secrets followed, bounds held, errors placed."""

import signal
import threading
import time
from collections.abc import Mapping

import pytest

from hiera.errors import DataError, Location
from hiera.tree import DirectoryTree
from hiera.values import Secret
from hiera.yaml.nodes import Scalar
from manifests.environment import Environment
from manifests.sources import Sources
from manifests.yaml_jinja import bounds
from manifests.yaml_jinja.evaluation import Evaluator

HIDDEN = "hunter2"


@pytest.fixture
def evaluator(tmp_path):
    tree = DirectoryTree(tmp_path)
    made = Evaluator(tree, Sources(tree, Environment("production", "", {"m": "modules/m"})), dict)
    yield made
    made.close()


@pytest.fixture
def variables(evaluator):
    guard = evaluator.taint.guard
    return {
        "port": 80, "yes": True, "nothing": None, "text": "abc", "numbers": [1, 2, 3],
        "pw": Secret(HIDDEN), "many": guard([Secret("a"), "b", Secret("c")]),
        "account": guard({"login": "bob", "hash": Secret(HIDDEN), "keys": "own", "inner": {"deep": Secret("d")}}),
        "holder": Secret({"a": 1, "b": HIDDEN}),
    }  # fmt: skip


def value(evaluator, variables, text):
    return evaluator.value(Scalar(text, '"', None, Location("a.yaml", 3, 5)), variables)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain", "plain"),
        ("{{ port }}", 80),
        ("{{ port }}0", "800"),
        ("{{ port + 1 }}", 81),
        ("{{ yes }}", True),
        ("{{ yes }}!", "true!"),
        ("{{ yes ~ '' }}", "true"),
        ("{{ nothing }}", None),
        ("{{ numbers }}", [1, 2, 3]),
        ("{{ numbers | map('string') | list }}", ["1", "2", "3"]),
        ("{{ numbers | map('string') }}", ["1", "2", "3"]),
        ("{{ (1, 2) }}", [1, 2]),
        ("{{ '0644' }}", "0644"),
        ("{{ {'a': numbers}.a[1] }}", 2),
        ("{{ account.login }}", "bob"),
        ("{{ account.keys }}", "own"),
        ("{{ account['login'] | upper }}", "BOB"),
        ("{{ text.replace('b', 'x').upper() }}", "AXC"),
        ("{{ many | length }}", 3),
        ("{{ numbers | join(', ') }}", "1, 2, 3"),
        ('{{ "it\'s" | quote }}', "'it'\"'\"'s'"),
        ("{{ [yes, 'a b'] | quote }}", "true 'a b'"),
        ("{{ '%s-%03d' % (yes, 7) }}", "true-007"),
        ("{% if yes %}a{% endif %}", "a"),
        ("{{ numbers | tojson }}", "[1, 2, 3]"),
        ("{{ undefined_ | default('d') }}", "d"),
        ("{{ range(3) }}", [0, 1, 2]),
    ],
)
def test_values(evaluator, variables, text, expected):
    found = value(evaluator, variables, text)
    assert found == expected
    assert type(found) is type(expected)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{{ pw }}", HIDDEN),
        ("{{ pw }}!", HIDDEN + "!"),
        ("{{ pw ~ port }}", HIDDEN + "80"),
        ("{{ port ~ pw }}", "80" + HIDDEN),
        ("{{ pw | upper }}", "HUNTER2"),
        ("{{ pw.upper() }}", "HUNTER2"),
        ("{{ [pw, text] | join('-') }}", HIDDEN + "-abc"),
        ("{{ many | join }}", "abc"),
        ("{{ '%s' | format(pw) }}", HIDDEN),
        ("{{ '%s' % pw }}", HIDDEN),
        ("{{ account | tojson }}", '{"login": "bob", "hash": "hunter2", "keys": "own", "inner": {"deep": "d"}}'),
        ("{{ [account] | tojson }}", '[{"login": "bob", "hash": "hunter2", "keys": "own", "inner": {"deep": "d"}}]'),
        ("{{ pw == 'x' }}", False),
        ("{{ 'x' == pw }}", False),
        ("{{ 'c' in many }}", True),
        ("{{ many == ['a', 'b', 'c'] }}", True),
        ("{{ pw is string }}", True),
        ("{{ 'y' if pw else 'n' }}", "y"),
        ("{% if pw == 'x' %}a{% endif %}b", "b"),
        ("{% for one in many %}{{ one }}{% endfor %}", "abc"),
        ("{{ account.hash }}", HIDDEN),
        ("{{ account['hash'] | length }}", 7),
        ("{{ account.inner.deep ~ '' }}", "d"),
        ("{{ account.values() | list | length }}", 4),
        ("{{ account | dictsort | first | last }}", HIDDEN),
        ("{{ many + ['d'] }}", ["a", "b", "c", "d"]),
        ("{{ ['d'] + many }}", ["d", "a", "b", "c"]),
        ("{{ many | first }}", "a"),
        ("{{ many | sort | last }}", "c"),
        ("{{ many | map('upper') | list }}", ["A", "B", "C"]),
        ("{{ holder.b }}", HIDDEN),
        ("{{ holder.a }}", 1),
        ("{% set x = pw %}{{ 'nothing of it' }}", "nothing of it"),
        ("{{ {'k': pw} }}", {"k": HIDDEN}),
        ("{% macro m(x) %}{{ x }}{% endmacro %}{{ m(pw) }}", HIDDEN),
    ],
)
def test_what_looks_into_a_secret_is_secret(evaluator, variables, text, expected):
    found = value(evaluator, variables, text)
    assert isinstance(found, Secret), found
    assert found.reveal() == expected


def test_a_secret_that_was_looked_into_does_not_taint_the_next_evaluation(evaluator, variables):
    value(evaluator, variables, "{{ pw | upper }}")
    assert value(evaluator, variables, "{{ text | upper }}") == "ABC"


def test_a_container_is_handed_on_with_its_secrets_closed(evaluator, variables):
    found = value(evaluator, variables, "{{ account }}")
    assert found["login"] == "bob"
    assert isinstance(found["hash"], Secret)
    found = value(evaluator, variables, "{{ {'x': account} }}")
    assert isinstance(found["x"]["hash"], Secret)


def test_a_kind_of_secret_is_a_secret(evaluator):
    class Sealed(Secret):
        pass

    for text in ("{{ pw }}", "x {{ pw }}", "{{ pw | upper }}", "{{ held.pw ~ '' }}", "{{ held.pw }}"):
        sealed = Sealed(HIDDEN)
        found = value(evaluator, {"pw": sealed, "held": evaluator.taint.guard({"pw": sealed})}, text)
        assert isinstance(found, Secret)


def test_a_secret_that_is_only_handed_on_stays_closed(evaluator):
    def fail():
        raise AssertionError("opened")

    variables = {"sealed": Secret(reveal=fail)}
    assert isinstance(value(evaluator, variables, "{{ sealed }}"), Secret)
    assert isinstance(value(evaluator, variables, "text {{ sealed }}"), Secret)


@pytest.mark.parametrize(
    "text",
    [
        "{{ pw | int + 'a' }}",
        "{{ pw.nothing }}",
        "{{ {}[pw] }}",
        "{{ pw + 1 }}",
        "{{ 1 / (pw | length - 7) }}",
        "{{ {'a': 1}[pw] }}",
        "{{ pw() }}",
        "{{ [][pw] }}",
        "{{ 'x' | replace(pw) }}",
        "{{ many | join(1, 2, 3) }}",
        "{{ pw % 5 }}",
        "x {{ account }}",
    ],
)
def test_no_error_shows_a_secret(evaluator, variables, text):
    with pytest.raises(DataError) as caught:
        value(evaluator, variables, text)
    assert HIDDEN not in str(caught.value)
    assert caught.value.problems[0].location


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("{{ 'a' * 10 ** 9 }}", "template-limit"),
        ("{{ 10 ** 10000 }}", "template-limit"),
        ("{{ numbers * 10 ** 9 }}", "template-limit"),
        ("{{ range(10 ** 9) }}", "template-limit"),
        ("{{ '%0999999999d' % 1 }}", "template-limit"),
        ("{{ '%*d' % (999999999, 1) }}", "template-limit"),
        ("{{ '%0999999999d' | format(1) }}", "template-limit"),
        ("{{ 'a' | center(10 ** 9) }}", "template-limit"),
        ("{{ 'a' | indent(10 ** 9) }}", "template-limit"),
        ("{{ ('a' * 100000) | wordwrap(5) }}", "template-limit"),
        ("{{ ('a' * 100000) | replace('a', 'b' * 100000) }}", "template-limit"),
        ("{{ ('a' * 100000).replace('a', 'b' * 100000) }}", "template-limit"),
        (
            "{% set ns = namespace(x='a') %}{% for i in range(40) %}{% set ns.x = ns.x + ns.x %}{% endfor %}",
            "template-limit",
        ),
        (
            "{% set ns = namespace(x='a') %}{% for i in range(40) %}{% set ns.x = ns.x ~ ns.x %}{% endfor %}",
            "template-limit",
        ),
        (
            "{% set ns = namespace(x=[1]) %}{% for i in range(40) %}{% set ns.x = ns.x + ns.x %}{% endfor %}",
            "template-limit",
        ),
        ("{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}", "template-limit"),
        ("{{ ''.__class__ }}", "undefined-variable"),
        ("{{ ''['__class__'] }}", "undefined-variable"),
        ("{{ 'x'.format(1) }}", "undefined-variable"),
        ("{{ text.encode() }}", "undefined-variable"),
        ("{{ numbers.append(1) }}", "undefined-variable"),
        ("{{ account.raw }}", "undefined-variable"),
        ("{{ account.taint }}", "undefined-variable"),
        ("{{ many.raw }}", "undefined-variable"),
        ("{{ namespace.__init__ }}", "undefined-variable"),
        ("{{ text | attr('upper') }}", "template-syntax"),
        ("{{ numbers | random }}", "template-syntax"),
        ("{{ lipsum() }}", "undefined-variable"),
        ("{{ text.upper }}", "expression-failed"),
        ("{{ nothing }}!", "not-text"),
        ("{{ nothing ~ 'x' }}", "not-text"),
        ("{{ numbers }}!", "not-text"),
        ("{{ nope }}!", "undefined-variable"),
        ("{{ port.x }}", "undefined-variable"),
        ("{{ 1 / 0 }}", "expression-failed"),
        ("{{ port", "template-syntax"),
    ],
)
def test_what_is_refused(evaluator, variables, text, code):
    with pytest.raises(DataError) as caught:
        value(evaluator, variables, text)
    assert caught.value.problems[0].code == code
    assert caught.value.problems[0].location.file == "a.yaml"


def test_what_takes_too_long_is_stopped(evaluator, variables, monkeypatch):
    monkeypatch.setattr(bounds, "MAX_SECONDS", 0.2)
    started = time.process_time()
    loop = "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}"
    with pytest.raises(DataError) as caught:
        value(evaluator, variables, loop)
    assert caught.value.problems[0].code == "template-limit"
    assert time.process_time() - started < 5


def test_the_alarm_is_given_back(evaluator, variables):
    value(evaluator, variables, "{{ port + 1 }}")
    evaluator.close()
    assert signal.getsignal(signal.SIGALRM) is signal.SIG_DFL
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)


def test_another_thread_evaluates_without_the_alarm(evaluator, variables):
    found = []
    worker = threading.Thread(target=lambda: found.append(value(evaluator, variables, "{{ port + 1 }}")))
    worker.start()
    worker.join()
    assert found == [81]


def test_facts_are_read_item_by_item(evaluator):
    class Recording(Mapping):
        def __init__(self, values, read):
            self.values_, self.read = values, read

        def __getitem__(self, key):
            self.read.append(key)
            item = self.values_[key]
            return Recording(item, self.read) if isinstance(item, dict) else item

        def __iter__(self):
            raise AssertionError("walked through")

        def __len__(self):
            raise AssertionError("counted")

    read = []
    facts = Recording({"os": {"family": "Debian", "name": "x"}, "secret": 1}, read)
    assert value(evaluator, {"facts": facts}, "on {{ facts.os.family }}") == "on Debian"
    assert value(evaluator, {"facts": facts}, "{{ facts.os.family == 'Debian' }}") is True
    assert set(read) == {"os", "family"}


def test_templates_follow_jinja_with_newlines_kept(evaluator, variables, tmp_path):
    room = tmp_path / "modules/m/templates"
    room.mkdir(parents=True)
    (room / "base.j2").write_text("top\n{% block body %}{% endblock %}end\n")
    (room / "t.j2").write_text(
        '{% extends "m/base.j2" %}\n{% block body %}\n  {% if yes %}\nport {{ port }}\n  {% endif %}\n{% include "m/part.j2" %}\n{% endblock %}\n'
    )
    (room / "part.j2").write_text("part {{ text }}\n")
    assert evaluator.template("m/t.j2", variables, Location("a.yaml")) == "top\nport 80\npart abc\nend\n"


def test_a_template_with_a_secret_is_secret(evaluator, variables, tmp_path):
    room = tmp_path / "modules/m/templates"
    room.mkdir(parents=True)
    (room / "t.j2").write_text("pw {{ pw }}\n")
    found = evaluator.template("m/t.j2", variables, Location("a.yaml"))
    assert found.reveal() == "pw hunter2\n"
