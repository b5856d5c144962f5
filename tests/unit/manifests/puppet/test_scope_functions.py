"""Functions that work on the compilation: classes, resources, tags, data, templates, files, a site's own."""

import json
from pathlib import Path

import pytest

from hiera.errors import DataError
from hiera.tree import DirectoryTree
from hiera.values import Secret
from tests.support.puppet_calls import Asker


@pytest.fixture
def site(tmp_path):
    """Return what writes files below a tree, and asks with the modules in it."""

    class Site:
        def __init__(self):
            self.root = tmp_path
            self.made = None

        def write(self, path, text):
            whole = Path(self.root, path)
            whole.parent.mkdir(parents=True, exist_ok=True)
            whole.write_text(text, encoding="utf-8")
            return self

        @property
        def asker(self):
            self.made = self.made or Asker(["modules"], version=8, tree=DirectoryTree(self.root))
            return self.made

        def ask(self, source):
            return self.asker.ask(source)

        def resources(self):
            return [str(one) for one in self.asker.compilation.catalog]

        def fails(self, source):
            with pytest.raises(DataError) as caught:
                self.ask(source)
            return caught.value.problems[0]

    return Site()


def test_include_declares_classes_once_and_answers_their_references(site):
    site.write("modules/a/manifests/init.pp", "class a { notify { 'a': } }")

    answer = site.ask("$x = include('a', ['::A', Class['a']])\n$x")

    assert [str(one) for one in answer] == ["Class[a]"] * 3
    assert site.resources().count("Class[A]") == 1
    assert "Notify[a]" in site.resources()


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("include(undef)", "undef"), ("include('')", "empty text"), ("include(Class)", "names none"),
        ("include(5)", "type Integer"), ("include(nope)", "nope"),
    ],
)  # fmt: skip
def test_what_names_no_class_is_a_located_error(site, source, words):
    problem = site.fails(source)

    assert words in problem.message
    assert problem.location.line == 1


def test_create_resources_takes_defaults_and_virtual_types(site):
    site.ask("create_resources('notify', {'a' => {'message' => 'm'}, 'b' => {}}, {'message' => 'd'})")
    site.ask("create_resources('@notify', {'v' => {}})")

    catalog = site.asker.compilation.catalog
    assert [catalog.find("notify", name).get("message") for name in "ab"] == ["m", "d"]
    assert catalog.find("notify", "v").virtual
    assert site.fails("create_resources('@class', {'a' => {}})").code == "virtual-class"
    assert site.fails("create_resources('nope', {'a' => {}})").location.line == 1


def test_ensure_packages_leaves_what_is_declared(site):
    site.ask("ensure_packages(['vim', 'git'])\nensure_packages({'git' => {}, 'tig' => {'ensure' => 'latest'}})")

    catalog = site.asker.compilation.catalog
    assert [catalog.find("package", name).get("ensure") for name in ("vim", "git", "tig")] == [
        "installed", "installed", "latest",
    ]  # fmt: skip


def test_ensure_resource_and_defined_with_params_compare_parameters(site):
    site.ask(
        "ensure_resource('notify', ['x', 'y'], {'message' => 'm'})\nensure_resource('notify', 'x', {'message' => 'm'})"
    )

    assert site.ask("$a = defined_with_params(Notify['x'], {'message' => 'm'})\n$a") is True
    assert site.ask("$a = defined_with_params('Notify[x]', {'message' => 'n'})\n$a") is False
    assert site.ask("$a = getparam(Notify['x'], 'message')\n$a") == "m"
    site.ask("ensure_resources('notify', {'z' => {'tag' => 't'}, 'w' => undef}, {'message' => 'm'})")
    assert site.ask("$a = [getparam(Notify['z'], 'message'), getparam(Notify['z'], 'tag')]\n$a") == ["m", "t"]
    assert site.ask("$a = getparam(Notify['w'], 'message')\n$a") == "m"
    assert site.fails("ensure_resource('notify', 'x', {'message' => 'other'})").code == "duplicate-declaration"


def test_defined_knows_variables_types_classes_and_declared_resources(site):
    site.write("modules/a/manifests/init.pp", "class a { }").write("modules/a/manifests/d.pp", "define a::d() { }")
    known = {
        "'$facts'": True, "'$nope'": False, "'file'": True, "'a'": True, "'a::d'": True, "'nope'": False,
        "A::D['x']": False, "A::D": True, "Class['a']": False, "Type[Class['a']]": True, "Notify['']": False,
    }  # fmt: skip

    assert {one: site.ask(f"$a = defined({one})\n$a") for one in known} == known
    site.ask("include a")
    assert site.ask("$a = defined(Class['a'])\n$a") is True


def test_tags_of_classes_and_of_what_is_evaluated(site):
    site.write(
        "modules/a/manifests/b.pp", "class a::b { tag('mine')  if tagged('mine', 'a::b') { notify { 'yes': } } }"
    )
    site.ask("include a::b")

    assert "Notify[yes]" in site.resources()
    assert site.ask("$a = tagged('a::b', 'b')\n$a") is True
    assert site.ask("$a = tagged('other')\n$a") is False


def test_a_private_class_is_refused_from_another_module(site):
    site.write("modules/a/manifests/in.pp", "class a::in { assert_private() }")
    site.write("modules/a/manifests/init.pp", "class a { include a::in }")
    site.write("modules/b/manifests/init.pp", "class b { include a::in }")

    site.ask("include a")
    problem = Asker(["modules"], tree=site.asker.tree).answer({"call": "include", "args": ["b"]})

    assert problem == {"error": "Class a::in is private"}


def test_lookups_ask_the_data_with_type_merge_and_default(site):
    site.write("hiera.yaml", "version: 5\nhierarchy:\n  - {name: a, path: a.yaml}\n  - {name: b, path: b.yaml}\n")
    site.write("data/a.yaml", "l: [1]\nh: {a: 1}\nn: 5\nclasses: [c]\n").write("data/b.yaml", "l: [2]\nh: {b: 2}\n")
    site.write("modules/c/manifests/init.pp", "class c { }")

    for source, expected in {
        "lookup('l')": [1], "lookup('l', Array, 'unique')": [1, 2], "hiera_array('l')": [1, 2],
        "hiera_hash('h')": {"b": 2, "a": 1}, "lookup('x', undef, undef, 'd')": "d", "hiera('x', 'd')": "d",
        "lookup(['x', 'n'])": 5, "lookup({'name' => 'x', 'default_values_hash' => {'x' => 7}})": 7,
        "lookup('x', {'default_value' => undef})": None, "lookup('x') |$k| { \"no ${k}\" }": "no x",
    }.items():  # fmt: skip
        assert site.ask(f"$a = {source}\n$a") == expected, source
    assert (
        site.fails("lookup('n', String)").message == "found value has wrong type, expects a String value, got Integer"
    )
    assert site.fails("lookup('x')").code == "missing-key"
    site.ask("hiera_include('classes')")
    assert "Class[C]" in site.resources()


def test_templates_of_modules_and_texts(site):
    site.write("modules/a/templates/t.erb", "<%= @x %>-<%= scope['y'] %>").write(
        "modules/a/templates/t.epp", "[<%= $p %>]"
    )

    assert site.ask("$x = 1 $y = 2\n$a = template('a/t.erb')\n$a") == "1-2"
    assert site.ask("$a = epp('a/t', {'p' => 3})\n$a") == "[3]"
    assert site.ask("$a = inline_epp('<%- | $a | -%><%= $a %>', {'a' => 1, 'b' => undef})\n$a") == "1"
    assert site.ask("$a = inline_template('<%= 1 + 1 %>', 'x')\n$a") == "2x"
    assert site.fails("template('a/nope.erb')").code == "missing-template"


def test_a_secret_makes_the_rendered_text_one(site):
    site.asker.compilation.top.variables["s"] = Secret("swordfish")

    answer = site.ask("$a = inline_template('<%= @s %>')\n$a")

    assert isinstance(answer, Secret)
    assert answer.reveal() == "swordfish"
    site.ask("notice($s)")
    assert "swordfish" not in json.dumps([message for _, message, _ in site.asker.compilation.messages])


def test_files_of_modules(site):
    site.write("modules/a/files/x", "text").write("modules/a/files/d.yaml", "a: yes\n")
    site.write("modules/a/metadata.json", '{"name": "me-a"}')

    assert site.ask("$a = file('a/nope', 'a/x')\n$a") == "text"
    assert site.ask("$a = find_file('a/x')\n$a") == f"{site.asker.tree.root}/modules/a/files/x"
    assert site.ask("$a = loadyaml('a/d.yaml')\n$a") == {"a": True}
    assert site.ask("$a = loadyaml('a/nope', 'd')\n$a") == "d"
    assert site.ask("$a = load_module_metadata('a')\n$a") == {"name": "me-a"}
    assert site.ask("$a = module_directory('nope', 'a')\n$a") == f"{site.asker.tree.root}/modules/a"
    assert site.fails("file('a/nope')").code == "missing-file"
    assert site.fails("file('/etc/passwd')").code == "no-host"


@pytest.mark.parametrize(
    "source", ["generate('/bin/date')", "validate_cmd('a', 'b')", "puppetdb_query('x')", "glob('/*')"]
)
def test_what_would_depend_on_the_machine_is_refused_with_a_reason(site, source):
    problem = site.fails(source)

    assert problem.code == "refused"
    assert problem.location.line == 1


def test_own_functions_of_the_site_are_called_as_the_built_in_ones(site):
    site.write("lib/functions/twice.py", 'SIGNATURE = "Integer n"\n\ndef twice(n):\n    return 2 * n\n')
    site.write(
        "lib/functions/site/host.py",
        'SIGNATURE = "String key, Any rest* &?"\n\n'
        "def host(key, *rest, context, block=None):\n"
        "    found = f'{context.node}:{key}:{len(rest)}'\n"
        "    return found if block is None else block(found)\n",
    )
    site.write("modules/m/lib/functions/m/f.py", "def f(*all):\n    return list(all)\n")

    assert site.ask("$a = twice(4)\n$a") == 8
    assert site.ask("$a = site::host('k', 1)\n$a") == "web1.example.com:k:1"
    assert site.ask("$a = site::host('k') |$x| { \"<${x}>\" }\n$a") == "<web1.example.com:k:0>"
    assert site.ask("$a = m::f(1, 'b')\n$a") == [1, "b"]
    assert "expects an Integer value" in site.fails("twice('x')").message


def test_what_an_own_function_raises_names_its_line_and_no_secret(site):
    site.write("lib/functions/bad.py", "def bad(text):\n    return text + 1\n").write(
        "lib/functions/syntax.py", "def (\n"
    )
    site.write("lib/functions/hollow.py", "x = 1\n").write(
        "lib/functions/says.py", "def says(x):\n    raise ValueError('not so')\n"
    )
    site.asker.compilation.top.variables["s"] = Secret("swordfish")

    problem = site.fails("bad($s)")

    assert "swordfish" not in problem.message + str(problem.hint)
    assert site.fails("bad('x')").location == site.fails("bad('x')").location
    assert (site.fails("bad('x')").code, site.fails("bad('x')").location.line) == ("own-function", 2)
    assert site.fails("syntax()").code == site.fails("hollow()").code == "own-function"
    assert site.fails("says(1)").message == "'says' not so"


def test_an_unknown_function_tells_why(site):
    site.write("modules/m/lib/puppet/functions/m/ruby.rb", "# Ruby")

    assert site.fails("nope()").message == "Unknown function: 'nope'"
    problem = site.fails("m::ruby()")
    assert problem.code == "function-unsupported"
    assert "lib/functions/m/ruby.py" in problem.hint
    assert site.fails("joim([])").hint == "did you mean 'join'?"
    assert site.ask("$a = stdlib::has_function('m::ruby')\n$a") is True


def test_a_random_password_needs_a_key_of_the_node_and_then_stays(site):
    site.write("modules/extlib/lib/puppet/functions/extlib/random_password.rb", "# Ruby")

    assert site.fails("extlib::random_password(12)").code == "refused"
    site.asker.compilation.password_key = b"a key of the node"
    first = site.ask("$a = extlib::random_password(70)\n$a")
    assert isinstance(first, Secret)
    assert len(first.reveal()) == 70
    assert first.reveal() == site.ask("$a = extlib::random_password(70)\n$a").reveal()
    site.asker.compilation.password_key = b"another"
    assert first.reveal() != site.ask("$a = extlib::random_password(70)\n$a").reveal()


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("template(default)", "'template' expects the name of a file, got Default"),
        ("file('m/x', {a => 1})", "'file' expects the name of a file, got Struct"),
        ("inline_template(undef)", "'inline_template' expects a text, got Undef"),
        ("ensure_resource('notify', {})", "'ensure_resource' expects a text as a title, got a Hash"),
        ("ensure_resources('notify', {'a' => 1})", "'ensure_resources' expects a Hash of parameters, got Integer"),
        ("ensure_packages({'a' => 1})", "'ensure_packages' expects a Hash of parameters, got Integer"),
        ("call(Class['m'])", "'call' expects the name of a function, or a Deferred"),
        ("member({1 => 2, [1] => undef}, 1)", "'member' parameter 'list' expects an Array value, got Hash"),
    ],
)
def test_functions_say_what_they_cannot_use(site, source, words):
    assert words in site.fails(source).message
