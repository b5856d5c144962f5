"""Functions that modules write in Ruby: what Puppet 7.23 answers to calls of those of the module ``kit``."""

import json
from pathlib import Path

import pytest

from hiera.errors import DataError
from hiera.tree import DirectoryTree
from hiera.types import Sensitive
from hiera.values import Secret, revealed
from tests.support.puppet_calls import Asker

HERE = Path(__file__).parent / "ruby_functions"
CASES = [json.loads(line) for line in (HERE / "answers.jsonl").read_text(encoding="utf-8").splitlines()]


@pytest.fixture(scope="module")
def asker():
    """Return what evaluates calls of the functions of ``kit``."""
    asker = Asker(["modules"], version=7, tree=DirectoryTree(HERE))
    asker.compilation.top.variables["kit_name"] = "here"
    return asker


def plain(value):
    """Return ``value`` as a catalog of Puppet has it."""
    if isinstance(value, Sensitive):
        return {"__ptype": "Sensitive", "__pvalue": plain(value.value)}
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    return [plain(item) for item in value] if isinstance(value, list | tuple) else value


@pytest.mark.parametrize("case", CASES, ids=[case["call"][:60] for case in CASES])
def test_a_call_is_answered_as_by_puppet(asker, case):
    if "error" in case:
        with pytest.raises(DataError) as caught:
            asker.ask(case["call"])
        assert caught.value.problems[0].code in ("function-failed", "function-argument", "wrong-return-type")
    else:
        assert plain(asker.ask(case["call"])) == case["answer"]


@pytest.mark.parametrize(
    ("what", "construct", "hint"),
    [
        ("file", "'File.read'", "lib/facts"),
        ("time", "'Time.now'", "Hiera"),
        ("chance", "'SecureRandom.hex'", "Hiera"),
        ("command", "'Puppet::Util::Execution'", "lib/facts"),
        ("shell", "'system'", "lib/facts"),
        ("environment", "'ENV'", "lib/facts"),
    ],
)
def test_what_a_catalog_may_not_depend_on_is_refused_by_name_and_place(asker, what, construct, hint):
    with pytest.raises(DataError) as caught:
        asker.ask(f"kit::machine('{what}')")

    problem = caught.value.problems[0]
    line = 1 + (HERE / problem.location.file).read_text(encoding="utf-8").splitlines().index(
        next(line for line in _machine_lines() if f"'{what}'" in line)
    )
    assert (problem.code, problem.location.line) == ("function-unsupported", line)
    assert construct in problem.message
    assert hint in problem.hint


def _machine_lines():
    path = HERE / "modules/kit/lib/puppet/functions/kit/machine.rb"
    return path.read_text(encoding="utf-8").splitlines()


def test_a_secret_given_to_a_function_stays_one(asker):
    asker.compilation.top.variables["secret"] = Secret("swordfish")

    answer = asker.ask("kit::library($secret)")
    assert isinstance(answer, Secret)
    assert revealed(answer) == "swordfishes!"
    with pytest.raises(DataError) as caught:
        asker.ask("kit::address($secret)")
    assert "swordfish" not in str(caught.value)


@pytest.fixture
def site(tmp_path):
    """Return what evaluates a call of a function of the module ``m`` whose Ruby is given."""

    def ask(call, ruby, name="f"):
        path = tmp_path / f"modules/m/lib/puppet/functions/m/{name}.rb"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(ruby, encoding="utf-8")
        return Asker(["modules"], version=7, tree=DirectoryTree(tmp_path)).ask(call)

    return ask


def body(code):
    """Return the file of the function ``m::f`` whose body is ``code``."""
    return f"Puppet::Functions.create_function(:'m::f') do\n  def f(x)\n{code}\n  end\nend\n"


@pytest.mark.parametrize(
    ("code", "line", "words"),
    [
        ("begin\n x.frobnicate\nrescue StandardError\n 1\nend", 4, "String#frobnicate"),
        ("begin\n Frob::Nicate\nrescue NameError\n 1\nend", 4, "Frob::Nicate"),
        ("\n\nfrobnicate(x)", 5, "frobnicate"),
        ("require 'frob'\n", 3, "frob"),
        ("require_relative '../../../../../../../etc/frob'\n", 3, "frob"),
        ("x\nretry", 4, "retry"),
        ("`ls`", 3, "commands"),
        ("$frob\n", 3, "$frob"),
        ("x.chars.find_index", 3, "wants a block"),
    ],
)
def test_what_is_beyond_the_small_ruby_is_named_and_placed(site, code, line, words):
    with pytest.raises(DataError) as caught:
        site("m::f('x')", body(code))

    problem = caught.value.problems[0]
    assert (problem.code, problem.location.line) == ("function-unsupported", line)
    assert problem.location.file == "modules/m/lib/puppet/functions/m/f.rb"
    assert words in problem.message
    assert "lib/functions/m/f.py" in problem.hint


def test_what_another_function_cannot_do_is_not_rescued(site):
    site("notice(1)", body("File.read(x)"))
    outer = (
        "Puppet::Functions.create_function(:'m::g') do\n  def g(x)\n    call_function('m::f', x) rescue 1\n  end\nend\n"
    )

    with pytest.raises(DataError) as caught:
        site("m::g('x')", outer, "g")

    assert caught.value.problems[0].code == "function-unsupported"


@pytest.mark.parametrize(
    ("code", "problem"),
    [
        ("while true\n x = x + x\nend", "function-limit"),
        ("f(x)", "function-limit"),
        ("call_function('m::f', x)", None),
        ("loop { nil }", "function-limit"),
    ],
)
def test_work_has_bounds(site, code, problem):
    with pytest.raises(DataError) as caught:
        site("m::f('x')", body(code))

    assert problem in (None, caught.value.problems[0].code)


def test_a_file_that_defines_another_function_says_so(site):
    with pytest.raises(DataError) as caught:
        site("m::f('x')", "Puppet::Functions.create_function(:'m::other') do\n  def other(x) = x\nend\n")

    assert "does not define 'm::f'" in caught.value.problems[0].message


@pytest.mark.parametrize(
    "code",
    [
        "x.each { |one| one.upcase! }",
        "x.each(&:upcase!)",
        "x.first << 'more'",
        "x.each_with_object(+'') { |one, memo| memo << one }",
    ],
)
def test_a_change_of_a_text_that_others_may_hold_is_not_lost_in_silence(site, code):
    with pytest.raises(DataError) as caught:
        site("m::f(['a'])", body(code))

    assert "others may hold" in caught.value.problems[0].message


def test_a_text_of_its_own_may_be_changed(site):
    code = "x = x.dup\nx << 'b'\n['c'].inject(x) { |memo, one| memo << one } + ['D'].each(&:upcase!).first"
    assert site("m::f('a')", body(code)) == "abcD"


def test_a_function_sees_the_resources_of_the_catalog(site):
    ruby = """
Puppet::Functions.create_function(:'m::f', Puppet::Functions::InternalFunction) do
  dispatch(:f) { scope_param; param 'String', :ref }
  def f(scope, ref)
    found = scope.catalog.resource(ref)
    return 'none' if found.nil?
    [found.type, found.title, found[:message], found['nothing'], found.to_s,
     closure_scope.findresource('notify', 'a').ref, scope.catalog.resources.count { |one| one.type == 'Notify' }]
  end
end
"""
    declared = "notify { 'a': message => 'm' }\n"
    assert site(f"{declared}m::f('Notify[a]')", ruby) == ["Notify", "a", "m", None, "Notify[a]", "Notify[a]", 1]
    assert site(f"{declared}m::f('File[/a]')", ruby) == "none"


def test_a_function_of_the_old_form_defines_no_methods(tmp_path):
    path = tmp_path / "modules/m/lib/puppet/parser/functions/m_f.rb"
    path.parent.mkdir(parents=True)
    path.write_text(
        "def m_help(x)\n  x\nend\nPuppet::Parser::Functions.newfunction(:m_f, type: :rvalue) { |args| args }\n"
    )

    with pytest.raises(DataError) as caught:
        Asker(["modules"], version=7, tree=DirectoryTree(tmp_path)).ask("m_f(1)")

    assert caught.value.problems[0].code == "function-failed"
    assert "'m_help'" in caught.value.problems[0].message


@pytest.mark.parametrize(
    ("code", "answer"),
    [
        ("/(?<a>\\w)-(?<b>\\w)?/ =~ x\n[a, b]", ["p", None]),
        ("y = nil\n!y && z = x.upcase\nz", "P-"),
        ('URI.parse("http://u:p@h:81/#{x}?q=1#f").then { |u| u.port = 80\n u.to_s }', "http://u:p@h/p-?q=1#f"),
        ("IPAddr.new('10.0.0.8/30').to_range.map(&:to_s).last", "10.0.0.11"),
        ("IPAddr.new('127.0.0.1').private?", False),
        ("IPAddr.new('10.0.0.1') == '10.0.0.1'", True),
        ("%w[b a b].max_by { 1 }", "b"),
        ("[3, 1].each.with_index(1).to_a", [[3, 1], [1, 2]]),
        ("Gem::Version.new('1.10.0') > Gem::Version.new('1.9')", True),
        ("%w[1.10 1.9 1.9.rc1].sort_by { |v| Gem::Version.new(v) }", ["1.9.rc1", "1.9", "1.10"]),
        ("call_function('lookup', 'nowhere', 'default_value' => :none) == :none", True),
        ("[1, 2].find_all(&:even?) + [Zlib.crc32(x)]", [2, 725170044]),
    ],
)
def test_ruby_answers_as_it_does(site, code, answer):
    assert plain(site("m::f('p-')", body(code))) == answer


def test_a_sites_own_python_goes_before_the_ruby_of_a_module(site, tmp_path):
    assert site("m::f('x')", body("'ruby'")) == "ruby"
    own = tmp_path / "lib/functions/m/f.py"
    own.parent.mkdir(parents=True)
    own.write_text("def f(x):\n    return 'python'\n", encoding="utf-8")

    assert site("m::f('x')", body("'ruby'")) == "python"
