"""What a template may do, what it may not, and where its errors stand."""

import random
import time

import pytest

from hiera.errors import DataError
from hiera.types import DEFAULT, Regexp, ResourceType, Sensitive
from hiera.values import MISSING, Secret
from manifests.puppet.erb import check, render


class Scope:
    def __init__(self, **variables):
        self.values = variables
        self.calls = []
        self.shared = {}

    def variable(self, name):
        return self.values.get(name.removeprefix("::"), MISSING)

    def variables(self):
        return self.values

    def call(self, name, arguments):
        self.calls.append((name, arguments))
        if name == "fails":
            raise DataError.of("function-failed", "it failed")
        if name == "template":
            return render(arguments[0], "inner.erb", self)
        return arguments

    def keep(self, name, value):
        self.shared[name] = value

    def kept(self, name):
        return self.shared.get(name, MISSING)

    def classes(self):
        return ["a", "b::c"]

    def tags(self):
        return ["own"]

    def all_tags(self):
        return ["all"]


def problem(text, **variables):
    with pytest.raises(DataError) as caught:
        render(text, "a/t.erb", Scope(**variables))
    return caught.value.problems[0]


def shown(text, **variables):
    return render(text, "a/t.erb", Scope(**variables))


class TestValues:
    def test_undef_is_nil_and_shows_nothing(self):
        assert shown("<%= @x %>|<%= @x.nil? %>|<%= defined?(@x).inspect %>", x=None) == "|true|nil"

    def test_the_callers_values_stay_as_they_are(self):
        names, pairs = ["b", "a"], {"k": ["v"]}
        text = "<% @names.sort!; @names << 'c'; @pairs['k'] << 'w'; @pairs.delete('z') %><%= @names.inspect %><%= @pairs %>"
        assert shown(text, names=names, pairs=pairs) == '["a", "b", "c"]{"k"=>["v", "w"]}'
        assert (names, pairs) == (["b", "a"], {"k": ["v"]})

    def test_values_of_puppet_show_as_puppet_shows_them(self):
        values = {"a": DEFAULT, "b": Regexp("x+"), "c": ResourceType("file", "/x"), "d": Sensitive("s3cret")}
        assert shown("<%= @a %>|<%= @b %>|<%= @c %>|<%= @d %>", **values) == (
            "default|(?-mix:x+)|File['/x']|Sensitive [value redacted]"
        )

    def test_sensitive_can_be_unwrapped(self):
        assert shown("<%= @d.unwrap %> <%= [@d] %>", d=Sensitive("s3cret")) == "s3cret [#<Sensitive [value redacted]>]"

    def test_odd_names_have_underscores(self):
        assert shown("<%= @a__b %>", **{"a::b": 1}) == "1"

    def test_functions_get_values_of_puppet(self):
        scope = Scope()
        render("<% scope.call_function('f', [:undef, :word, {1 => [nil]}, /x/i]) %>", "t.erb", scope)
        assert scope.calls == [("f", [None, "word", {1: [None]}, Regexp("(?i:x)")])]

    def test_functions_by_their_long_name(self):
        assert shown("<%= scope.function_f(['a', 1]).inspect %>") == '["a", 1]'

    def test_a_template_passes_values_on_through_the_scope(self):
        inner = "<%= scope.lookupvar('box')[:item] %>"
        outer = (
            "<% scope.setvar('box', {}); scope.lookupvar('box')[:item] = 'x' %><%= scope.function_template([@inner]) %>"
        )
        assert shown(outer, inner=inner) == "x"

    def test_classes_and_tags(self):
        assert shown("<%= classes %> <%= scope.catalog.classes %> <%= all_tags %> <%= scope.tags %>") == (
            '["a", "b::c"] ["a", "b::c"] ["all"] ["own"]'
        )


class TestSecrets:
    def test_a_template_that_looks_into_a_secret_is_one(self):
        found = shown("password=<%= @p %>", p=Secret("hunter2", origin="data"))
        assert isinstance(found, Secret)
        assert (found.reveal(), found.origin) == ("password=hunter2", "data")

    def test_one_that_does_not_look_is_none(self):
        assert shown("x<%= @q %>", p=Secret("hunter2"), q=1) == "x1"

    def test_a_secret_inside_of_a_hash(self):
        assert shown("<%= @h['a']['b'] %>", h={"a": {"b": Secret("x")}}).reveal() == "x"

    def test_an_error_does_not_tell_it(self):
        found = problem("<% raise @p %>", p=Secret("hunter2"))
        assert found.code == "erb-error"
        assert "hunter2" not in found.render()

    def test_a_secret_in_sensitive(self):
        assert isinstance(shown("<%= @d.unwrap %>", d=Sensitive(Secret("x"))), Secret)
        assert shown("<%= @d %>", d=Sensitive(Secret("x"))) == "Sensitive [value redacted]"


class TestErrors:
    @pytest.mark.parametrize(
        ("text", "code", "place", "words"),
        [
            ("a\n<%= @x.foo %>", "erb-error", "a/t.erb:2:8", "NoMethodError: undefined method 'foo' for nil"),
            ("<%= 'a'.frobnicate %>", "erb-unsupported", "a/t.erb:1:9", "String#frobnicate"),
            ("<%= foo %>", "erb-error", "a/t.erb:1:5", "NameError: undefined local variable or method 'foo'"),
            ("<% raise Puppet::ParseError, 'no disk' %>", "erb-error", "a/t.erb:1:4", "no disk"),
            ("<% fail 'no disk' %>", "erb-error", "a/t.erb:1:4", "no disk"),
            ("x\n <% if true %>", "erb-syntax", "a/t.erb:2:13", "end of the template"),
            ("<% end %>", "erb-syntax", "a/t.erb:1:4", "unexpected 'end'"),
            ("<%= 1 + %>", "erb-syntax", "a/t.erb:1:9", "unexpected ')'"),
            ("abc <%= 1", "erb-syntax", "a/t.erb:1:6", "never closed"),
            ("<% class A; end %>", "erb-unsupported", "a/t.erb:1:4", "'class'"),
            ("<%= `id` %>", "erb-unsupported", "a/t.erb:1:5", "run commands"),
            ("<%= system('id') %>", "erb-unsupported", "a/t.erb:1:5", "'system'"),
            ("<%= File.read('/etc/passwd') %>", "erb-unsupported", "a/t.erb:1:10", "File.read"),
            ("<%= ENV['HOME'] %>", "erb-unsupported", "a/t.erb:1:8", "ENV"),
            ("<%= eval('1') %>", "erb-unsupported", "a/t.erb:1:5", "'eval'"),
            ("<%= 1 / 0 %>", "erb-error", "a/t.erb:1:7", "divided by 0"),
            ("<%= 'a' + 1 %>", "erb-error", "a/t.erb:1:9", "TypeError"),
            ("<% require 'net/http' %>", "erb-unsupported", "a/t.erb:1:4", "net/http"),
        ],
    )
    def test_an_error_names_what_and_where(self, text, code, place, words):
        found = problem(text)
        assert (found.code, str(found.location)) == (code, place)
        assert words in found.message

    def test_a_function_that_fails_keeps_its_error(self):
        assert problem("<%= scope.call_function('fails', []) %>").code == "function-failed"
        assert shown("<%= begin; scope.call_function('fails', []); rescue => e; e.message; end %>") == "it failed"

    @pytest.mark.parametrize("name", ["__class__", "__init__", "__dict__", "__globals__", "mro", "format_map"])
    def test_nothing_of_python_is_in_reach(self, name):
        for value in ("''", "[]", "{}", "1", "nil", "scope", "self", ":a", "(1..2)", "/x/", "->(){}"):
            assert problem(f"<%= {value}.{name} %>").code in {"erb-unsupported", "erb-error"}

    def test_check_says_what_cannot_be_read(self):
        assert check("<%= 1 %>", "t.erb") == []
        found = check("<% if %>", "t.erb")
        assert [(one.code, str(one.location)) for one in found] == [("erb-syntax", "t.erb:1:7")]


class TestBounds:
    @pytest.mark.parametrize(
        "code",
        [
            "while true; end",
            "loop { }",
            "'a' * 10**12",
            "x = 'a'; 100.times { x += x }; x",
            "x = ['a']; 100.times { x = x + x }; x",
            "x = [1]; 100.times { x = [x, x] }; x.inspect",
            "x = []; x << x; x.inspect",
            "x = []; x << x; x.flatten",
            "def f(x) f(x) end; f(1)",
            "f = ->(x) { f.(x) }; f.(1)",
            "(1..10**12).to_a",
            "'x'.ljust(10**12)",
            "'%999999999999d' % 1",
            "2 ** 10**9",
            "1 << 10**9",
            "[1] * 10**12",
            "a = []; a[10**12] = 1",
            "(1..30).to_a.permutation.to_a",
            "10**6.times.map { |x| 'x' * 10**6 }",
            "x = {}; x[1] = x; x.to_json",
            "'x'.center(10**9)",
            "Array.new(10**12)",
            "5000000000.times { }",
        ],
    )
    def test_what_would_never_end_is_stopped(self, code):
        began = time.process_time()
        assert problem(f"<%= {code} %>" if ";" not in code else f"<% {code} %>").code in {"erb-limit", "erb-error"}
        assert time.process_time() - began < 20

    @pytest.mark.parametrize(
        "code",
        ["(" * 1500 + "1" + ")" * 1500, "[" * 3000, "!" * 3000 + "1", "-" * 2000 + "1", "{1=>" * 1500, "if 1;" * 1500],
    )
    def test_too_deep_is_an_error_with_a_place(self, code):
        found = problem(f"<%= {code} %>")
        assert found.code in {"erb-depth", "erb-syntax"}
        assert found.location is not None

    def test_a_thousand_elsif_are_too_deep_or_fine(self):
        text = "<% if false %>" + "".join("<% elsif false %>" for _ in range(400)) + "<% else %>x<% end %>"
        assert shown(text) == "x"

    def test_a_long_template_takes_linear_time(self):
        piece = "line <%= @a %> <% if @b -%>\nyes\n<% end -%>\n"
        times = []
        for count in (500, 4000):
            began = time.process_time()
            assert len(shown(piece * count, a=1, b=True)) == count * len("line 1 yes\n")
            times.append(time.process_time() - began)
        assert times[1] < 30 * times[0] + 1


PIECES = [
    "<%", "<%=", "<%-", "-%>", "%>", "\n", "<%%", "%%>", "<%#", "if x", "end", "else", "@a", "each", " do |x, (y, *z)|", "{", "}", "[", "]",
    "(", ")", ".", "&.", "join", "map", ",", "=>", "a:", "'s'", '"#{', '"', "'", "/x/", "/", "%w[", "<<~E", "\nE\n", ":s", "::", "?", "!", "nil", "1", "2.5",
    "+", "-", "*", "**", "<<", "==", "=~", "=", "||=", "and", "not", "unless", "while", "until", "case", "when", "in", "def f", "return", "next",
    "break", "yield", "begin", "rescue", "ensure", "lambda", "->", "|", "&", ";", "\\", "#", "\x00", "\x01", "é", "_1", "$1", "scope", "Hash", "..",
]  # fmt: skip


@pytest.mark.parametrize("seed", range(40))
def test_whatever_stands_there_only_located_errors_come(seed):
    luck = random.Random(seed)
    for _ in range(60):
        text = "".join(luck.choice(PIECES) + luck.choice(["", " "]) for _ in range(luck.randint(1, 40)))
        if luck.random() < 0.7:
            text = f"<% {text} %>"
        try:
            render(text, "t.erb", Scope(a=["x", {"k": 1}]))
        except DataError as error:
            place = error.problems[0].location
        else:
            continue
        assert place is not None, text
