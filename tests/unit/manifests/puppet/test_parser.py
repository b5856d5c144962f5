"""Errors of manifests: located, several at once, and never anything but a problem."""

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hiera.errors import Collector, DataError, Location
from manifests.puppet import ast, pn
from manifests.puppet.depth import deep_stack
from manifests.puppet.lexer import Lexer
from manifests.puppet.parser import Parser, parse
from manifests.puppet.pn import to_pn
from manifests.puppet.source import Source
from manifests.puppet.validation import validate

SNIPPETS = json.loads((Path(__file__).parents[3] / "conformance/puppet/snippets.json").read_text())


def problems(code, *, epp=False, version=8, autoloaded=None):
    """Return what is wrong with ``code``."""
    collector, source = Collector(), Source(code, "site.pp")
    program = parse(source, collector, epp=epp)
    if program is not None:
        validate(program, source, collector, puppet_version=version, autoloaded=autoloaded)
        to_pn(program)
    return collector.errors


def tree(code):
    collector = Collector()
    program = parse(Source(code, "site.pp"), collector)
    collector.check()
    return program.body


def found(code, **more):
    return [(item.code, item.location.line, item.location.column) for item in problems(code, **more)]


def test_several_syntax_errors_are_told_at_once():
    code = "class a {\n  file { '/a'\n    ensure => file,\n  }\n  $x = 08\n  if $y == { 'z' }\n  include b\n}\ndefine d($x += 1) {\n}\n$z = ]\n"

    assert found(code) == [
        ("syntax", 3, 5),
        ("bad-number", 5, 8),
        ("syntax", 6, 18),
        ("syntax", 9, 13),
        ("syntax", 11, 6),
    ]


def test_several_errors_of_meaning_are_told_at_once_in_order():
    code = "class a($name) {\n $a::b = 1\n 1 + 1\n file {'x': a +> 1}\n}\n$h = {a=>1, a=>2}\n"

    assert [item[:2] for item in found(code)] == [
        ("reserved-parameter", 1),
        ("bad-assignment", 2),
        ("no-effect", 3),
        ("bad-append", 4),
        ("duplicate-key", 6),
    ]


def test_one_mistake_is_one_problem():
    assert found("class a {\n  if $x {\n    notice 1\n}\n") == [("unclosed-bracket", 1, 9)]
    assert found("notice 'x\nclass b { }\n") == [("unclosed-string", 1, 8)]
    assert found("class a {\n  $x = (1\n  include b\n}\nclass c { }\n") == [("syntax", 3, 3)]


@pytest.mark.parametrize(
    ("code", "wanted"),
    [
        ("$a = 'é' + ]", ("syntax", 1, 12)),
        ("\n\n  $a = @(END)\n  x\n", ("unclosed-heredoc", 3, 8)),
        ('$a = @("END")\n    x ${b c}\n    | END\n', ("syntax", 2, 11)),
        ('$a = @("A"), @("B")\n x\n A\n    y ${b c}\n  | B\n', ("syntax", 4, 11)),
        ('$a = "x ${b c} y"', ("syntax", 1, 13)),
        ("plan a::b($x) { }", ("plan", 1, 6)),
        ("$a = $", ("bad-name", 1, 6)),
        ("$a = Foo::bar", ("bad-name", 1, 6)),
        ("$a = /(/", ("bad-regex", 1, 6)),
        ("$a = @(X:json)\n{\n|X\n", ("bad-heredoc-text", 1, 6)),
        ('$a = "${true}"', ("bad-name", 1, 9)),
        ("/* x", ("unclosed-comment", 1, 1)),
    ],
)
def test_an_error_points_at_its_place(code, wanted):
    assert found(code)[0] == wanted


def test_an_unknown_escape_is_a_warning_at_its_string():
    collector = Collector()

    assert parse(Source('$a = "\\q"', "a.pp"), collector) is not None
    assert [(item.code, item.severity, item.location) for item in collector.warnings] == [
        ("unknown-escape", "warning", Location("a.pp", 1, 6))
    ]


def test_a_mistake_in_a_heredoc_has_its_extent():
    assert [item.location for item in problems('$a = @("END")\n    x ${b + 1x2y}\n    | END\n')] == [
        Location("site.pp", 2, 13, 4)
    ]


def test_a_heredoc_may_be_nothing_but_an_interpolation():
    assert to_pn(tree('$a = @("E"/$)\n${x}\n|- E\n')) == '(= (var "a") (heredoc {:text (concat (str (var "x")))}))'
    assert to_pn(tree('$a = @(E"x")\n  $y\n  | E"x"\n').right) == '(heredoc {:text "$y\\n"})'


def test_a_problem_is_shown_with_a_caret_and_a_hint():
    shown = problems("file { '/a' ensure => file }")[0].render(lambda _file, _line: "file { '/a' ensure => file }")

    assert shown.splitlines()[1:] == [
        "  --> site.pp:1:13",
        "1 | file { '/a' ensure => file }",
        "  |             ^^^^^^",
        "  help: ':' is expected here",
    ]


def test_templates_begin_with_their_parameters():
    assert problems("<%- | $x | -%>\n<%= $x %>\n", epp=True) == []
    assert found("text <%- | $x | -%>", epp=True) != []
    assert found("a <% if $x { %> b", epp=True)[0][0] == "unclosed-bracket"
    assert found("a\nb <%= $x", epp=True) == [("unclosed-tag", 2, 3)]


def test_a_duplicate_key_is_a_warning_for_puppet_7():
    assert problems("$a = { a => 1, a => 2 }", version=7) == []
    assert found("$a = { a => 1, a => 2 }") == [("duplicate-key", 1, 16)]


def test_a_module_file_defines_what_it_is_read_for():
    assert problems("class apache::mod { }", autoloaded="apache::mod") == []
    assert found("class apache::x { }\nnotice 1", autoloaded="apache::mod") == [
        ("misplaced-definition", 1, 1),
        ("misplaced-statement", 2, 1),
    ]


def test_nodes_know_where_they_stand():
    source = Source("class a {\n  file { '/a':\n    mode => $x,\n  }\n}\n", "a.pp")
    program = parse(source, Collector())
    resource = program.body.body.statements[0]
    operation = resource.bodies[0].operations[0]

    assert source.location(resource.offset) == Location("a.pp", 2, 3)
    assert source.text[resource.offset : resource.offset + resource.length].endswith("}")
    assert source.location(operation.offset, operation.length) == Location("a.pp", 3, 5, 10)
    assert source.location(operation.value.offset) == Location("a.pp", 3, 13)


def test_nested_classes_have_complete_names():
    program = parse(Source("class a { class b { define c { } } }", "a.pp"), Collector())

    assert [item.name for item in program.definitions] == ["a::b::c", "a::b", "a"]


def test_a_statement_call_is_told_from_one_with_a_value():
    assert tree("notice(1)").statement
    assert not tree("$a = f(1)").right.statement
    assert isinstance(tree("include a").functor, ast.Name)


def test_every_kind_of_node_can_be_shown():
    abstract = {"Node", "Unary", "Binary", "Definition"}

    assert {getattr(ast, name) for name in ast.__all__ if name not in abstract} == set(pn._FORMS)


def test_precedence_is_puppets():
    assert to_pn(tree("$a = 1 + 2 * 3 == 7 and !$b in $c")) == (
        '(= (var "a") (and (== (+ 1 (* 2 3)) 7) (in (! (var "b")) (var "c"))))'
    )


@pytest.mark.parametrize("data", [b"\xef\xbb\xbf$a = 1", b"\xff\xfe$", b"\x00\x00\xfe\xff"])
def test_a_byte_order_mark_is_refused(data):
    with pytest.raises(DataError) as error:
        Source.decode(data, "a.pp")

    assert error.value.problems[0].code == "byte-order-mark"


def test_bytes_that_are_no_utf8_are_located():
    with pytest.raises(DataError) as error:
        Source.decode(b"$a = 1\n$b = '\xe9'\n", "a.pp")

    assert error.value.problems[0].location == Location("a.pp", 2, 7)


NESTED = {
    "lists": ("[", "1", "]"),
    "parentheses": ("(", "1", ")"),
    "hashes": ("{ a => ", "1", "}"),
    "calls": ("f(", "1", ")"),
    "blocks": ("if $x { ", "1", "}"),
    "lambdas": ("f() || { ", "1", "}"),
    "strings": ('"${', "$x", '}"'),
    "indexes": ("$x[", "1", "]"),
    "nots": ("!", "$x", ""),
    "selectors": ("1 ? { 1 => ", "2", "}"),
    "virtual": ("@", "file", ""),
    "assignments": ("$a = ", "1", ""),
    "cases": ("case 1 { 1: { ", "2", "} }"),
    "elsif": ("if $x { } els", "if $y { }", ""),
}
CHAINS = {
    "sums": " + 1",
    "dots": ".f",
    "indexes": "[1]",
    "arrows": " -> $x",
    "or": " or $y",
    "calls": "()",
    "braces": "{'a':}",
}


@pytest.mark.parametrize("name", NESTED)
def test_nesting_beyond_a_thousand_is_a_located_error(name):
    opening, inner, closing = NESTED[name]
    code = opening * 5000 + inner + closing * 5000
    if name == "elsif":
        code = "if $x { }" + " elsif $x { }" * 5000

    found_ = problems(code)

    assert "too-deep" in [item.code for item in found_]
    assert all(item.location.line == 1 for item in found_)


@pytest.mark.parametrize("name", NESTED)
def test_nesting_of_some_hundreds_is_fine(name):
    opening, inner, closing = NESTED[name]
    code = opening * 300 + inner + closing * 300

    assert not [item for item in problems(code) if item.code == "too-deep"]


@pytest.mark.parametrize("name", CHAINS)
def test_a_chain_beyond_a_thousand_is_a_located_error(name):
    assert "too-deep" not in [item.code for item in problems("$x" + CHAINS[name] * 100)]
    assert [item.code for item in problems("$x" + CHAINS[name] * 100_000)] == ["too-deep"]


def test_depth_counts_chains_and_nesting_together():
    code = "(" * 500 + "1" + (" + 1" * 600 + ")") * 500

    assert [item.code for item in problems(code)][:1] == ["too-deep"]


GROWING = {
    "statements": "$a = [1, 'b', \"c${d}\"] + f(2) { }\n",
    "resources": "file { \"/a/${b}\": ensure => file, mode => '0644' }\n",
    "heredocs": '$a = @("END"/L)\n  text ${b} \\\n  | END\n',
    "one line of heredocs": "@(A) ",
    "errors": "$a = ]\n",
    "slashes": "/ ",
    "backslashes": "\\/",
    "quotes": '"\\" $ ',
    "comments": "/* * ",
    "hyphens": "a-",
    "blanks": " \t",
    "dollars": "$",
    "braces": "{ ",
    "closing": "} ",
    "tags": "@(",
    "colons": "::",
    "elements": "$a = [" + "x, " * 50 + "]\n",
}


@pytest.mark.parametrize("name", GROWING)
def test_work_grows_with_the_text_alone(name):
    def steps(times):
        text = GROWING[name] * times
        lexer = Lexer(text)
        with deep_stack():
            parser = Parser(Source(text, "a.pp"), lexer.run())
            parser.program(epp=False)
        return lexer.steps + parser.steps + 50

    assert steps(400) <= 4.5 * steps(100)


PIECES = st.sampled_from([
    *"{}()[],;:|@=?!-*/%.$'\"\\1#\n\r\0é", "=>", "+>", "->", "~>", "+=", "==", "=~", "@@", "<|", "|>", "<<|", "|>>", "$x",
    "$a::b", "foo", "Foo", "foo-bar", "::a", "'s'", '"d"', '"a${b}c"', '"${', "0x1", "08", "/re/", "if", "else", "elsif",
    "unless", "case", "class", "define", "node", "function", "type", "default", "undef", "true", "in", "and", "or",
    "inherits", "notice", "include", "@(END)", '@("E")', "<%", "%>", "<%=", "-%>", "<%-", "plan", "attr",
])  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(st.lists(PIECES, max_size=40).map(" ".join), st.booleans())
def test_no_text_makes_anything_but_problems(code, epp):
    for problem in problems(code, epp=epp):
        assert problem.location.line >= 1
        assert problem.location.column >= 1


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=60), st.booleans())
def test_no_characters_make_anything_but_problems(code, epp):
    problems(code, epp=epp)


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet="ab ${}[]\"'\\\n@()|-END.", max_size=40))
def test_tokens_stand_in_the_text_and_in_order(code):
    tokens = Lexer(code).run()

    for _, _, start, end in tokens:
        assert 0 <= start <= end <= len(code)
    if "@(" not in code:
        starts = [start for _, _, start, _ in tokens]
        assert starts == sorted(starts)


@settings(max_examples=100, deadline=None)
@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=30))
def test_a_quoted_text_means_itself(text):
    single = "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"
    double = '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("$", "\\$") + '"'

    assert tree("$a = " + single).right.value == text
    assert tree("$a = " + double).right.value == text


@st.composite
def mutated(draw):
    """Return a recorded snippet, a little spoilt."""
    snippet = draw(st.sampled_from(SNIPPETS))
    code = snippet["code"]
    for _ in range(draw(st.integers(1, 3))):
        at = draw(st.integers(0, len(code)))
        code = code[:at] + draw(PIECES) + code[at + draw(st.integers(0, 3)) :]
    return code, snippet.get("epp", False)


@settings(max_examples=400, deadline=None)
@given(mutated())
def test_a_spoilt_manifest_makes_nothing_but_problems(spoilt):
    code, epp = spoilt

    for problem in problems(code, epp=epp):
        assert 1 <= problem.location.line <= code.count("\n") + 1
