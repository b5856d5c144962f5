"""What the recorded expressions do not show: secrets, scopes, binding, templates, depth, and that only errors escape."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hiera.errors import DataError
from hiera.types import Sensitive
from hiera.values import MISSING, Secret
from manifests.puppet import ast
from manifests.puppet.depth import deep_stack
from manifests.puppet.evaluator import Break, Next, Return, Scope
from manifests.puppet.source import Source
from tests.support.puppet_code import Compilation, evaluated

HIDDEN = {"secret": Secret("hunter2"), "number": Secret(41), "list": Secret(["a", "b"]), "hash": Secret({"k": "v"})}


def problem(code, **options):
    """Return the only problem of ``code``."""
    with pytest.raises(DataError) as caught:
        evaluated(code, **options)
    (found,) = caught.value.problems
    return found


@pytest.mark.parametrize(
    ("code", "plain"),
    [
        ('"a ${secret} b"', "a hunter2 b"),
        ('"${[1, $secret]}"', "[1, hunter2]"),
        ("$number + 1", 42),
        ("-$number", -41),
        ("$list + ['c']", ["a", "b", "c"]),
        ("$list[1]", "b"),
        ("$hash['k']", "v"),
        ("$secret[0, 3]", "hun"),
        ("if $secret =~ /h(unt)/ { $1 }", "unt"),
        ("case $secret { /(er)/: { $1 } }", "er"),
        ("[$a, $b] = $list $b", "b"),
        ("[*$list][0]", "a"),
        ("$secret.upcase", "HUNTER2"),
        ('@("E")\n  p=${secret}\n  | E\n', "p=hunter2\n"),
    ],
)
def test_what_comes_of_a_secret_is_one(code, plain):
    found = evaluated(code, variables=HIDDEN)

    assert isinstance(found, Secret), found
    assert found.reveal() == plain


@pytest.mark.parametrize(
    ("code", "answer"),
    [
        ("$secret == 'HUNTER2'", True),
        ("'a' in $list", True),
        ("$number > 40", True),
        ("if $secret { 1 } else { 2 }", 1),
        ("$secret ? { 'hunter2' => 'yes', default => 'no' }", "yes"),
        ("$number =~ Integer", True),
    ],
)
def test_a_decision_by_a_secret_is_plain(code, answer):
    assert evaluated(code, variables=HIDDEN) == answer


@pytest.mark.parametrize(
    "code", ["$secret ? { 'x' => 1 }", "{$secret => 1}", "$secret + 1", "-$secret", "Integer($secret)"]
)
def test_no_message_shows_a_secret(code):
    assert "hunter2" not in problem(code, variables=HIDDEN).render()


def test_a_sensitive_around_a_secret_keeps_it_closed():
    found = evaluated("Sensitive($secret)", variables=HIDDEN)

    assert isinstance(found, Sensitive)
    assert isinstance(found.value, Secret)


def test_an_unknown_variable_is_an_error_in_8_and_a_warning_in_7():
    assert problem("$nope").code == "unknown-variable"
    lenient = Compilation(strict=False)
    assert lenient.run("[$nope, $a::b, $1]") == [None, None, None]
    assert [warning.message for warning in lenient.warnings] == ["unknown variable: 'nope'", "unknown variable: 'a::b'"]


def scope_of(compilation, name, enclosing):
    """Return the scope of a class that the compilation knows."""
    scope = Scope("class", compilation, Source("", "a.pp"), name=name, enclosing=enclosing)
    compilation.scopes[name] = scope
    return scope


def test_qualified_names_follow_inheritance_and_nothing_else():
    compilation = Compilation(variables={"top": 1})
    parent = scope_of(compilation, "p", compilation.top)
    child = scope_of(compilation, "c::d", parent)
    parent.set("x", 2)
    child.set("y", None)

    assert child.get("::top") == child.get("top") == 1
    assert child.get("x") == child.get("c::d::x") == compilation.top.get("::p::x") == 2
    assert child.get("c::d::y") is None
    assert child.get("c::d::top") is child.get("nope::x") is child.get("nope") is MISSING
    assert set(child.names()) >= {"top", "x", "y"}
    assert child.outermost() is compilation.top


def test_an_error_stands_where_its_cause_does():
    place = problem("$x = 1\n$y = [1, 2].map |$v| {\n  $v + 'a'\n}").location

    assert (place.line, place.column, place.length) == (3, 8, 3)


def bound(code, values, **options):
    """Return the variables that the parameters of a class ``c`` get from ``values``."""
    compilation = Compilation(**options)
    source = Source(code, "c.pp")
    (definition,) = compilation.parsed(source).definitions
    scope = Scope("class", compilation, source, enclosing=compilation.top)
    compilation.evaluator.bind(definition.parameters, values, scope, "Class[C]")
    return scope.variables


def test_defaults_see_what_was_given_and_what_stands_before_them():
    code = "class c($a = $z, $b = $a, $z = 3, $m = 'x' =~ /(x)/, $n = $1) { }"

    assert bound(code, {"z": 7, "b": None}) == {"a": 7, "b": 7, "z": 7, "m": True, "n": None}
    with pytest.raises(DataError, match=r"default expression for \$a tries to illegally access not yet evaluated \$z"):
        bound(code, {})


def test_everything_wrong_with_parameters_is_told_at_once():
    with pytest.raises(DataError) as caught:
        bound("class c(String $x, Integer $y, $z) { }", {"x": 1, "y": "a", "q": 1})

    assert [
        (problem.message, [note.location.column for note in problem.notes]) for problem in caught.value.problems
    ] == [
        ("Class[C]: has no parameter named 'q'", []),
        ("Class[C]: parameter 'x' expects a String value, got Integer", [16]),
        ("Class[C]: parameter 'y' expects an Integer value, got String", [28]),
        ("Class[C]: expects a value for parameter 'z'", [32]),
    ]


def test_undef_is_a_value_where_there_is_no_default():
    assert bound("class c($x, Optional[String] $y) { }", {"x": None, "y": None}) == {"x": None, "y": None}
    with pytest.raises(DataError, match="parameter 'x' expects a String value, got Undef"):
        bound("class c(String $x) { }", {"x": None})


def rendered(text, parameters=None, **options):
    """Return what comes of a template."""
    compilation = Compilation(**options)
    source = Source(text, "t.epp")
    program = compilation.parsed(source, epp=True)
    return compilation.evaluator.render_epp(source, program, parameters, compilation.top)


def test_a_template_writes_text_values_and_loops():
    text = "<%- |$x = 7, $y = 8| -%>\n<%= $x %><% [1, 2].each |$z| { %>[<%= $z %>]<% } -%> <%= undef %> <%= [1, 2] %>\n"

    assert rendered(text, {"x": None}) == "7[1][2] [1, 2]\n"


def test_a_template_without_parameters_takes_any():
    assert rendered("<%= $x %>", {"x": 5}) == "5"
    assert rendered("<%= $x %><% $x = 4 %><%= $x %>", variables={"x": 3}) == "34"


def test_a_template_with_parameters_is_strict_about_them():
    with pytest.raises(DataError, match=r"template 't\.epp': has no parameter named 'y'"):
        rendered("<%- |$x| -%><%= $x %>", {"x": 1, "y": 2})


def test_a_template_with_something_closed_in_it_is_closed():
    assert rendered("a<%= Sensitive(1) %>b") == Sensitive("a1b")
    assert rendered("a<%= $secret %>b", variables=HIDDEN).reveal() == "ahunter2b"


def test_attributes_of_resources_are_asked_of_the_compilation():
    compilation = Compilation()
    compilation.attributes["file", "/x"] = {"mode": "0644", "owner": None}

    assert compilation.run("File['/x']['mode', 'owner']") == ["0644", None]
    for code in ("File['/x']['nope']", "File['/y']['mode']"):
        with pytest.raises(DataError):
            compilation.run(code)


@pytest.mark.parametrize(
    "code",
    [
        "function f($n) { f($n) } f(1)",
        "function f($n) { [1].each |$x| { f($n) } } f(1)",
        "function f($n) { [1].reduce(1) |$m, $x| { f($n) } } f(1)",
        "function f($n) { [1].map |$x| { [2].map |$y| { f(inline($n)) } } } function inline($n) { f($n) } f(1)",
        "function f($n) { if true { case 1 { 1: { 1 + (2 * f($n)) } } } } f(1)",
        "function f($n = f()) { 1 } f()",
    ],
)
def test_recursion_without_end_is_an_error_of_the_manifest(code):
    found = problem(code)

    assert found.code == "too-deep"
    assert found.location is not None


def test_recursion_that_ends_works():
    assert evaluated("function f($n) { if $n == 0 { 0 } else { 1 + f($n - 1) } } f(400)") == 400


def test_a_deep_tree_can_be_evaluated():
    assert evaluated("(" * 400 + "1" + ")" * 400) == 1
    assert evaluated("1" + " + 1" * 900) == 901


PIECES = st.sampled_from(
    [
        "1", "-1", "1.5", "'a'", '"${x}"', "undef", "default", "true", "[]", "{}", "[1, 'b']", "{a => 1}", "/a/", "$x",
        "$facts", "$nope", "Integer", "String[1]", "File['/x']", "Class['a']", "Enum['a']", "0x1F", "'0x1F'", "''",
        "Sensitive(1)", "Timespan(1)", "SemVer('1.0.0')", "Binary('aGk=')", "9223372036854775807", "$1", "URI('a')",
        "Error('a')", "Deferred('f')",
    ]
)  # fmt: skip
SHAPES = st.sampled_from(
    [
        "({0} + {1})", "({0} - {1})", "({0} * {1})", "({0} / {1})", "({0} % {1})", "({0} << {1})", "({0} >> {1})",
        "({0} == {1})", "({0} < {1})", "({0} =~ {1})", "({0} in {1})", "({0} and {1})", "!{0}", "-({0})", "({0})[{1}]",
        "({0})[{1}, {0}]", "[{0}, *{1}]", "{{{0} => {1}}}", '"a${{{0}}}b"', "({0} ? {{ {1} => 1, default => 2 }})",
        "case {0} {{ {1}: {{ 1 }} default: {{ 2 }} }}", "if {0} {{ {1} }}", "({0}).map |$v| {{ $v }}",
        "({0}).each |$k, $v| {{ {1} }}", "({0}).filter |*$r| {{ $r }}", "with({0}, {1}) |Integer $a, $b = {0}| {{ $a }}",
        "Integer({0})", "String({0}, {1})", "Array[{0}, {1}]", "Struct[{{{0} => {1}}}]", "Resource[{0}, {1}]",
        "File[{0}][{1}]", "type({0})", "({0}).then |$v| {{ next({1}) }}", "({0}).reduce({1}) |$m, $v| {{ [$m, $v] }}",
        "Variant[{0}, {1}]", "Optional[{0}]", "Timestamp[{0}, {1}]", "Object[{0}]", "URI[{0}]", "({0}).length",
        "[$p, $q] = {0}",
    ]
)  # fmt: skip
CODES = st.recursive(
    PIECES, lambda inner: st.builds(lambda shape, a, b: shape.format(a, b), SHAPES, inner, inner), max_leaves=8
)


def problems_of(code, *, strict):
    """Return what is wrong with ``code``."""
    compilation = Compilation(strict=strict, variables={"x": "v", "facts": {"a": [1]}})
    try:
        compilation.run(code)
    except DataError as error:
        return error.problems
    except (Next, Break, Return):
        return ()
    return ()


@given(code=CODES, strict=st.booleans())
@settings(deadline=None, max_examples=400, suppress_health_check=[HealthCheck.too_slow])
def test_whatever_the_code_only_located_errors_escape(code, strict):
    problems = problems_of(code, strict=strict)

    assert all(found.location is not None for found in problems), problems


def test_a_node_of_another_room_is_refused_where_nobody_handles_it():
    compilation = Compilation()
    compilation.top.source = Source("x", "a.pp")

    with pytest.raises(DataError, match="cannot be evaluated here"), deep_stack():
        compilation.evaluator.evaluate(ast.KeyedEntry(0, 1, ast.Undef(0, 1), ast.Undef(0, 1)), compilation.top)
