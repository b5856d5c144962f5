"""Everything a person can get wrong in a control repository, each case an environment of its own.

A case is the class ``base`` of its environment, or other files. ``«`` stands where a problem is expected and is taken
away before the file is written; the n-th problem of ``wants`` belongs to the n-th ``«``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

MARK = "«"
SITE = "nodes:\n  default: [base]\nresources:\n  file[/etc/good]: {content: good}\n"
HIERA = "version: 5\nhierarchy:\n  - {name: common, path: common.yaml}\n"
MAIN = "modules/base/manifests/init.yaml"
DATA = "data/common.yaml"
START = "class: base\nresources:\n"
TEMPLATE = "modules/base/templates/t.j2"
TEMPLATED = START + "  file[/etc/a]: {template: base/t.j2}\n"
PARAMETER = "class: base\nparameters: {p: String}\nresources:\n  file[/etc/a]: {content: '{{ p }}'}\n"


@dataclass(frozen=True)
class Case:
    """One wrong environment: its class ``base``, what is said of it (code and a part of the hint), other files."""

    name: str
    text: str
    wants: tuple[tuple[str, str], ...]
    files: dict[str, str] = field(default_factory=dict)

    @property
    def environment(self) -> str:
        """The name of the environment."""
        return self.name.replace(" ", "_").replace("-", "_")

    def written(self) -> dict[str, bytes]:
        """Return the files of the environment by their paths in the tree, without marks."""
        return {
            f"environments/{self.environment}/{path}": text.replace(MARK, "").encode("utf-8", "surrogateescape")
            for path, text in self._texts().items()
        }

    def expected(self) -> list[tuple[str, str, str]]:
        """Return code, place and hint of each problem, in order of places."""
        places = [place for path, text in self._texts().items() for place in _places(path, text)]
        assert len(places) == len(self.wants), self.name
        return [
            (code, f"environments/{self.environment}/{place}", hint)
            for place, (code, hint) in zip(places, self.wants, strict=True)
        ]

    def _texts(self) -> dict[str, str]:
        return {"manifests/site.yaml": SITE, "hiera.yaml": HIERA, MAIN: self.text, **self.files}


def _places(path: str, text: str) -> Iterator[str]:
    """Yield ``path:line:column`` of each mark; in templates the line is all that is known."""
    for number, line in enumerate(text.split("\n"), start=1):
        if path.endswith(".j2") and "\udcff" not in text:
            yield from (f"{path}:{number}" for _ in range(line.count(MARK)))
            continue
        pieces = line.split(MARK)
        for count in range(1, len(pieces)):
            yield f"{path}:{number}:{len(''.join(pieces[:count])) + 1}"


def one(name: str, text: str, code: str, hint: str = "", **files: str) -> Case:
    """Return a case with one problem. Keywords name files: ``data``, ``template``, ``site``, ``hiera``."""
    paths = {"data": DATA, "template": TEMPLATE, "site": "manifests/site.yaml", "hiera": "hiera.yaml"}
    return Case(name, text, ((code, hint),), {paths[key]: value for key, value in files.items()})


def resource(name: str, body: str, code: str, hint: str = "") -> Case:
    """Return a case whose problem is in the resources ``body``."""
    return one(name, START + body, code, hint)


ALIASES = "class: base\nvars:\n  a0: &a0 [x, x]\n" + "".join(
    f"  a{i}: &a{i} [*a{i - 1}, {MARK if i == 15 else ''}*a{i - 1}]\n" for i in range(1, 30)
)
MERGES = "class: base\nvars:\n  m0: &m0 {a: 1}\n" + "".join(
    f"  m{i}: &m{i} {{<<: [*m{i - 1}, {MARK if i == 14 else ''}*m{i - 1}], k{i}: 1}}\n" for i in range(1, 30)
)

SYNTAX = (
    one("broken yaml", "class: base\nresources:\n  file[/etc/a]: {content: x\n  file«[/etc/b]:\n", "yaml-syntax"),
    one(
        "unclosed quote",
        'class: base\nresources:\n  file[/etc/a]:\n    content: «"abc\n    mode: 0644\n',
        "yaml-syntax",
        "close",
    ),
    resource("bad indent", "  file[/etc/a]:\n    content: x\n   «mode: 0644\n", "yaml-syntax"),
    resource("tab", "  file[/etc/a]:\n«\tcontent: x\n", "yaml-tab", "spaces"),
    resource("duplicate key", "  file[/etc/a]:\n    content: x\n    «content: y\n", "duplicate-key"),
    resource("duplicate title", "  file[/etc/a]: {content: x}\n  «file[/etc/a]: {content: y}\n", "duplicate-key"),
    resource("alias", "  file[/etc/a]:\n    content: «*x\n", "yaml-alias", 'content: "*x"'),
    resource("star", "  exec[a]:\n    command: *«\n", "yaml-syntax", 'command: "*"'),
    resource("at sign", "  file[/etc/a]:\n    content: «@home\n", "yaml-syntax", 'content: "@home"'),
    resource("backtick", "  exec[a]:\n    command: «`id`\n", "yaml-syntax", 'command: "`id`"'),
    resource("percent", "  cron[a]:\n    command: «%x\n", "yaml-syntax", 'command: "%x"'),
    resource("ampersand", "  exec[a]:\n    command: &« foo\n", "yaml-syntax", 'command: "& foo"'),
    resource("bang", "  exec[/bin/a]:\n    unless: «! grep x f\n", "yaml-tag", '"! grep x f"'),
    resource("tag", "  file[/etc/a]:\n    content: «!secret x\n", "yaml-tag", '"!secret x"'),
    resource("typed tag", "  file[/etc/a]:\n    mode: «!!int 644\n", "yaml-tag", "quote it"),
    resource("python tag", "  file[/etc/a]:\n    content: «!!python/object/apply:os.system ['id']\n", "yaml-tag"),
    resource("braces", "  file[/etc/a]:\n    content: {«{ x }}\n", "yaml-key", 'content: "{{ x }}"'),
    resource("braces and text", "  file[/etc/a]:\n    content: {«{ x }} and\n", "yaml-key", 'content: "{{ x }} and"'),
    resource("flow key", "  {file«[/etc/a]: {content: x}}\n", "yaml-syntax", '"file[/etc/a]"'),
    resource(
        "flow list", "  file[/etc/a]:\n    require: [file«[/etc/b], file[/etc/c]]\n", "yaml-syntax", '["file[/etc/b]"'
    ),
    resource("colon in title", "  exec[note: x]«:\n    command: a\n", "yaml-syntax", '"exec[note: x]":'),
    resource("colon in value", "  notify[a]:\n    message: a«: b\n", "yaml-syntax", 'message: "a: b"'),
    resource("escape", '  file[/etc/a]:\n    content: "«\\q"\n', "yaml-escape", "single quotes"),
    one("two documents", "class: base\n«---\nclass: other\n", "yaml-documents"),
    one("not a mapping", "«- class: base\n", "bad-structure"),
    one("not utf8", "class: base\ndoc: caf«\udce9\n", "encoding", "UTF-8"),
    one("utf16", "«\udcff\udcfec\0l\0", "encoding", "UTF-8"),
    one("control character", "class: base\ndoc: a«\x07b\n", "yaml-character"),
    one("alias bomb", ALIASES, "yaml-alias"),
    one("merge bomb", MERGES, "yaml-alias"),
    one("deep nesting", "class: base\nvars:\n  a: " + "[" * 48 + MARK + "[" * 300 + "]" * 348 + "\n", "yaml-depth"),
    one(
        "deep blocks",
        "class: base\nvars:\n" + "".join("  " * i + (MARK if i == 49 else "") + "a:\n" for i in range(1, 60)),
        "yaml-depth",
    ),
)

MEANING = (
    resource("undefined variable", '  file[/etc/a]:\n    content: "x {{ «gretting }}"\n', "undefined-variable"),
    one(
        "undefined near",
        "class: base\nvars: {greeting: x}\nresources:\n  file[/etc/a]: {content: '{{ «greting }}'}\n",
        "undefined-variable",
        "did you mean 'greeting'",
    ),
    resource("undefined fact", "  file[/etc/a]:\n    content: '{{ facts.«nonesuch }}'\n", "undefined-variable"),
    resource(
        "undefined in block",
        "  file[/etc/a]:\n    content: |\n      one\n      two {{ «nope }}\n",
        "undefined-variable",
    ),
    resource("unknown type", "  «fiel[/etc/a]: {content: x}\n", "unknown-type", "did you mean 'file'"),
    resource(
        "unknown attribute",
        "  file[/etc/a]:\n    content: x\n    «mdoe: 0644\n",
        "unknown-attribute",
        "did you mean 'mode'",
    ),
    resource("wrong attribute type", "  file[/etc/a]:\n    ensure: «runing\n", "type-mismatch"),
    resource("wrong mode", "  file[/etc/a]:\n    content: x\n    mode: «99999\n", "type-mismatch"),
    resource("wrong boolean", "  service[a]:\n    enable: «perhaps\n", "type-mismatch"),
    one("wrong parameter type", PARAMETER, "type-mismatch", data="base::p: «12\n"),
    one("wrong default", "class: base\nparameters:\n  p: {type: Integer, default: «abc}\n", "type-mismatch"),
    one(
        "wrong type notation",
        "class: base\nparameters:\n  p: «Strng\n",
        "type-syntax",
        "did you mean 'String'",
        data="base::p: x\n",
    ),
    one("broken type notation", 'class: base\nparameters:\n  p: "Array[Strin«g"\n', "type-syntax", data="base::p: x\n"),
    one("missing parameter", "class: base\nparameters:\n  «p: String\n", "missing-parameter", "base::p"),
    one("missing class", "class: base\ninclude: «bsae\n", "missing-class", "did you mean 'base'"),
    one("missing module", "class: base\ninclude: [«other::thing]\n", "missing-class", "there is no module 'other'"),
    one("unknown top key", "class: base\n«resource:\n  file[/etc/a]: {}\n", "unknown-key", "did you mean 'resources'"),
    one("resource at top", "class: base\n«file[/etc/a]: {}\n", "unknown-key", "below 'resources:'"),
    one(
        "unknown parameter key",
        "class: base\nparameters:\n  p: {type: String, «defualt: x}\n",
        "unknown-key",
        "did you mean 'default'",
        data="base::p: x\n",
    ),
    one("parameter name", "class: base\nparameters:\n  «Port: Integer\n", "bad-name", "lower case"),
    one("wrong name", "class: «bsae\n", "wrong-place", "it must be 'base'"),
    one("class and define", "«class: base\ndefine: base\n", "bad-structure", "class: base"),
    one("neither", "«resources:\n  file[/etc/a]: {}\n", "bad-structure", "class: base"),
    resource("null title", "  «file[]: {content: x}\n", "bad-reference"),
    resource("capital type", "  «File[/etc/a]: {content: x}\n", "bad-reference", "file[/etc/a]"),
    resource("no title", "  «file: {path: /etc/a}\n", "bad-reference", "file[title]"),
    resource(
        "unknown reference", "  file[/etc/a]:\n    content: x\n    require: «package[nginx]\n", "unknown-reference"
    ),
    resource("odd reference", "  file[/etc/a]:\n    content: x\n    require: «nginx\n", "bad-reference"),
    resource(
        "relation to left out",
        "  file[/etc/a]: {content: x, require: «'file[/etc/b]'}\n  file[/etc/b]: {content: x, when: 'false'}\n",
        "unknown-reference",
        "require?",
    ),
    resource(
        "cycle",
        "  file[/etc/a]: {content: x, require: 'file[/etc/b]'}\n  file[/etc/b]: {content: x, require: «'file[/etc/a]'}\n",
        "cycle",
        "take one",
    ),
    resource(
        "duplicate declaration",
        "  - file[/etc/a]: {content: x}\n  - «file[/etc/a]: {content: y}\n",
        "duplicate-declaration",
    ),
    resource(
        "same path", "  file[/etc/a]: {content: x}\n  «file[a]: {path: /etc/a, content: y}\n", "duplicate-declaration"
    ),
    resource(
        "shared differs",
        "  - file[/etc/a]: {content: x, shared: true}\n  - file[/etc/a]: {content: «y, shared: true}\n",
        "shared-differs",
    ),
    resource("when text", "  file[/etc/a]: {content: x, when: «'1 + 1'}\n", "when-not-boolean"),
    resource("for_each number", "  file[/etc/a]: {content: x, for_each: «'7'}\n", "type-mismatch"),
    one(
        "shadow",
        "class: base\nvars: {item: x}\nresources:\n  file[/etc/{{ item }}]: {content: x, for_each: «'[1]'}\n",
        "shadowed-variable",
    ),
    resource("shell test", "  exec[/bin/a]:\n    unless: «[ -f /x ]\n", "shell-test", "unless: '[ -f /x ]'"),
    resource("shell double test", "  exec[/bin/a]:\n    unless: «[[ -f /x ]]\n", "shell-test", "[[ -f /x ]]"),
    resource("expression syntax", "  file[/etc/a]:\n    content: 'a «{{ 1 + }}'\n", "template-syntax"),
    resource("shell braces", "  file[/etc/a]:\n    content: 'echo $«{#a[@]}'\n", "template-syntax", "!raw"),
    resource(
        "unknown filter",
        "  file[/etc/a]:\n    content: \"«{{ 'x' | uper }}\"\n",
        "template-syntax",
        "did you mean 'upper'",
    ),
    resource("division", "  file[/etc/a]:\n    content: '«{{ 1 / 0 }}'\n", "expression-failed"),
    resource("endless", "  file[/etc/a]:\n    content: '«{{ range(99999999) | join }}'\n", "template-limit"),
    resource("sandbox", "  file[/etc/a]:\n    content: \"{{ ''.«__class__.__mro__ }}\"\n", "undefined-variable"),
    resource("null in text", "  file[/etc/a]:\n    content: 'a «{{ none }}'\n", "not-text"),
    resource("missing key", "  file[/etc/a]:\n    content: «\"{{ lookup('no::such') }}\"\n", "missing-key"),
    resource("missing template", "  file[/etc/a]:\n    template: «base/none.j2\n", "missing-template"),
    resource("missing template module", "  file[/etc/a]:\n    template: «other/none.j2\n", "missing-module"),
    resource("escaping template", "  file[/etc/a]:\n    template: «base/../../../site.yaml\n", "path-escape"),
    resource("missing source", "  file[/etc/a]:\n    source: «base/none\n", "missing-source"),
    one("template undefined", TEMPLATED, "undefined-variable", template="one\n«{{ nope }}\n"),
    one("template syntax", TEMPLATED, "template-syntax", template="one\n«{% if %}\n"),
    one("template not utf8", TEMPLATED, "encoding", "UTF-8", template="one\n«\udcff\n"),
    one("site yaml", "class: base\n", "yaml-syntax", site="nodes:\n  web*: [base«\n"),
    one("site regex", "class: base\n", "bad-regex", site="nodes:\n  «/web[/: [base]\n  default: [base]\n"),
    one(
        "site key",
        "class: base\n",
        "unknown-key",
        "did you mean 'include'",
        site="nodes:\n  default: {«inclde: [base]}\n",
    ),
    one("site glob", "class: base\n", "yaml-syntax", '"*.example.org"', site="nodes:\n  *«.example.org: [base]\n"),
    one("unclassified", "class: base\n", "unclassified-node", "default", site="nodes:\n  «db9: [base]\n"),
    one("site missing class", "class: base\n", "missing-class", "", site="nodes:\n  default: [«nothing]\n"),
    one("defaults", "class: base\ndefaults:\n  file: {«ownr: root}\n", "unknown-attribute", "did you mean 'owner'"),
    one("order", "class: base\norder: [«'class[a] => class[b]']\n", "bad-order"),
)

HIERARCHY = (
    one("hiera syntax", "class: base\n", "yaml-syntax", hiera="version: 5\nhierarchy: [«\n"),
    one("hiera version", "class: base\n", "hiera-version", "version", hiera="version: «4\n"),
    one("hiera no version", "class: base\n", "hiera-version", "version", hiera="«hierarchy: []\n"),
    one("hiera key", "class: base\n", "hiera-config", "did you mean 'hierarchy'", hiera="version: 5\n«hierachy: []\n"),
    one(
        "hiera backend",
        "class: base\n",
        "unknown-backend",
        "yaml_data",
        hiera="version: 5\nhierarchy:\n  - {name: a, path: a.yaml, data_hash: «yml_data}\n",
    ),
    one(
        "hiera escape",
        "class: base\n",
        "path-escape",
        "",
        hiera="version: 5\nhierarchy:\n  - {name: a, path: a.yaml, datadir: «../../../etc}\n",
    ),
    one(
        "hiera variable",
        PARAMETER,
        "interpolation",
        "",
        hiera="version: 5\nhierarchy:\n  - «{name: a, path: \"%{nope('x')}\"}\n",
    ),
    one("data syntax", PARAMETER, "yaml-syntax", data="base::p: [«\n"),
    one("data tab", PARAMETER, "yaml-tab", "spaces", data="base::p:\n«\tx: y\n"),
    one("data not utf8", PARAMETER, "encoding", "UTF-8", data="base::p: «\udce9\n"),
    one("data bomb", PARAMETER, "yaml-alias", data=ALIASES.replace("class: base\n", "base::p: x\n")),
    one(
        "data interpolation",
        PARAMETER,
        "lookup-recursion",
        data="base::p: \"%{lookup('base::q')}\"\n«base::q: \"%{lookup('base::p')}\"\n",
    ),
    one("damaged secret", PARAMETER, "damaged-secret", data="base::p: «ENC[GPG,AAAA]\n"),
    one("cut secret", PARAMETER, "damaged-secret", data="base::p: «ENC[GPG,AAAA\n"),
    one("foreign secret", PARAMETER, "sealed-secret", data="base::p: «ENC[PKCS7,AAAA]\n"),
    one("secret scheme", PARAMETER, "sealed-secret", data="base::p: «ENC[VAULT,AAAA]\n"),
)

COMMAND = "class: base\nparameters: {p: String}\nresources:\n"
SECRETS = (
    one("secret of another", PARAMETER, "sealed-secret", "encrypted for", data="base::p: «OTHER\n"),
    one(
        "secret in command",
        COMMAND + "  exec[a]: {command: «'echo {{ p }}'}\n",
        "secret-in-plain",
        "stdin",
        data="base::p: MINE\n",
    ),
    one(
        "secret in unless",
        COMMAND + "  exec[/bin/a]: {unless: «'test {{ p }}'}\n",
        "secret-in-plain",
        "stdin",
        data="base::p: MINE\n",
    ),
    one(
        "secret in environment",
        COMMAND + "  exec[/bin/a]: {environment: «['A={{ p }}']}\n",
        "secret-in-plain",
        "stdin",
        data="base::p: MINE\n",
    ),
    one(
        "secret in title",
        COMMAND + "  «file[/etc/{{ p }}]: {content: x}\n",
        "secret-in-plain",
        "",
        data="base::p: MINE\n",
    ),
    one(
        "secret in path",
        COMMAND + "  file[a]: {path: «'/etc/{{ p }}', content: x}\n",
        "secret-in-plain",
        "",
        data="base::p: MINE\n",
    ),
    one(
        "secret in message",
        COMMAND + "  notify[a]: {message: «'{{ p }}'}\n",
        "secret-in-plain",
        "",
        data="base::p: MINE\n",
    ),
    one(
        "secret in key",
        COMMAND + "  notify[a]: {message: «'{{ {p: 1} }}'}\n",
        "secret-in-plain",
        "",
        data="base::p: MINE\n",
    ),
    one(
        "secret class",
        COMMAND.replace("resources:\n", "include: «'{{ p }}'\n"),
        "type-mismatch",
        "",
        data="base::p: MINE\n",
    ),
    one(
        "secret template name",
        COMMAND + "  file[/etc/a]: {template: «'{{ p }}'}\n",
        "secret-in-plain",
        "",
        data="base::p: MINE\n",
    ),
    one(
        "secret source",
        COMMAND + "  file[/etc/a]: {source: «'{{ p }}'}\n",
        "secret-in-plain",
        "",
        data="base::p: MINE\n",
    ),
    one(
        "secret require",
        COMMAND + "  file[/etc/a]: {content: x, require: «'file[{{ p }}]'}\n",
        "secret-in-plain",
        "",
        data="base::p: MINE\n",
    ),
    one(
        "secret mode",
        COMMAND + "  file[/etc/a]: {content: x, mode: «'{{ p }}'}\n",
        "secret-in-plain",
        "",
        data="base::p: MINE\n",
    ),
    one(
        "secret when",
        COMMAND + "  file[/etc/a]: {content: x, when: «'p'}\n",
        "when-not-boolean",
        "",
        data="base::p: MINE\n",
    ),
    one(
        "secret lookup key",
        COMMAND + "  file[/etc/a]: {content: «'{{ lookup(p) }}'}\n",
        "missing-key",
        "",
        data="base::p: MINE\n",
    ),
    one(
        "secret number",
        COMMAND.replace("String", "Integer") + "  file[/etc/a]: {content: '{{ p + 1 }}'}\n",
        "type-mismatch",
        "",
        data="base::p: «MINE\n",
    ),
    one(
        "secret expression",
        COMMAND + "  file[/etc/a]: {content: «'{{ p / 2 }}'}\n",
        "expression-failed",
        "",
        data="base::p: MINE\n",
    ),
    one(
        "lookup in path",
        PARAMETER,
        "interpolation",
        "",
        data="base::p: x\nsome: MINE\n",
        hiera="version: 5\nhierarchy:\n  - {name: c, path: common.yaml}\n  - «{name: a, path: \"%{lookup('some')}.yaml\"}\n",
    ),
)
