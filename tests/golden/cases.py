"""Reads case files and shows catalogs as text; shared by the runner of the golden cases and the unit tests."""

import os
import re
from pathlib import Path

from hiera.errors import DataError, Location
from hiera.lookup import Hiera
from hiera.tree import DirectoryTree
from hiera.values import MISSING, Secret
from hiera.yaml.strict import plain, read
from manifests.catalog import ContentRef, PortableDigester
from manifests.compiler import Request, compile_catalog
from manifests.environment import Environment
from manifests.spec import AttributeSpec, Role, TypeSpec

KEY = b"k" * 32
HIERARCHY = "version: 5\nhierarchy:\n  - {name: common, path: common.yaml}\n"


def _type(kind, namevar, **attributes):
    table = {}
    for name, given in attributes.items():
        notation, more = given if isinstance(given, tuple) else (given, {})
        table[name] = AttributeSpec(name=name, type=notation, doc=f"The {name}.", **more)
    return TypeSpec(kind, f"A {kind}.", namevar, table)


TYPES = {
    item.kind: item
    for item in (
        _type(
            "file", "path",
            path="String[1]",
            ensure="Enum['file', 'directory', 'link', 'absent', 'present']",
            content=("String", {"role": Role.CONTENT}),
            template=("String[1]", {"role": Role.TEMPLATE}),
            source=("Variant[String[1], Array[String[1], 1]]", {"role": Role.SOURCE}),
            mode="Pattern[/\\A[0-7]{3,4}\\z/]",
            owner="Variant[String[1], Integer[0]]",
            group="Variant[String[1], Integer[0]]",
            recurse="Boolean",
            target="String[1]",
        ),
        _type("package", "name", name="String[1]", ensure="String[1]", provider="Enum['apt', 'dnf', 'pip']"),
        _type(
            "service", "name",
            name="String[1]", ensure="Enum['running', 'stopped']", enable="Variant[Boolean, Enum['mask']]",
        ),
        _type(
            "exec", "name",
            name="String[1]",
            command="Variant[String[1], Array[String, 1]]",
            unless="Variant[String[1], Array[String]]",
            onlyif="Variant[String[1], Array[String]]",
            creates="String[1]",
            stdin=("String", {"role": Role.CONTENT}),
            environment="Variant[String, Array[String], Hash[String, String]]",
            refreshonly="Boolean",
            timeout="Integer[0]",
        ),
        _type(
            "user", "name",
            name="String[1]", ensure="Enum['present', 'absent']", uid="Integer[0]", shell="String[1]",
            groups="Array[String[1]]", password=("String", {"sensitive": True}),
        ),
        _type("cron", "name", command=("String[1]", {"required": True}), schedule="String", minute="String", hour="String"),
        _type("ssh_authorized_key", "name", user=("String[1]", {"required": True}), type="String[1]", key=("String[1]", {"required": True})),
        _type(
            "concat", "path",
            path="String[1]", ensure="Enum['present', 'absent']", mode="String", order="Enum['alpha', 'numeric']",
            ensure_newline="Boolean", content=("String", {"role": Role.CONTENT}),
        ),
        _type(
            "concat_fragment", "name",
            target=("String[1]", {"required": True}), order="Variant[String, Integer]",
            content=("String", {"role": Role.CONTENT}), template=("String", {"role": Role.TEMPLATE}),
            source=("String", {"role": Role.SOURCE}),
        ),
        _type("notify", "message", message="String", withpath="Boolean"),
    )
}  # fmt: skip


class PlainData:
    """Data that is one mapping, for tests that make their values in Python."""

    def __init__(self, values):
        self.values = values

    def lookup(self, key, scope, merge=None, supplied=None):
        return self.values.get(key, MISSING)

    def stand_in(self, key, kind=None):
        return MISSING


class MarkedHiera:
    """The real Hiera over the files of a case, with texts that stand for secrets."""

    def __init__(self, tree, environment):
        found = Environment.find(tree, environment)
        self.hiera = Hiera.build(tree, environment, found.directory, found.modules)

    def lookup(self, key, scope, merge=None, supplied=None):
        return secrets_in(self.hiera.lookup(key, scope, merge))

    def stand_in(self, key, kind=None):
        return self.hiera.stand_in(key, kind)

    def explain(self, key, scope):
        return self.hiera.explain(key, scope)


def secrets_in(value):
    """Turn texts of the form ``SECRET(x)`` into secrets; ``SEALED(x)`` cannot be opened."""
    if isinstance(value, dict):
        return {key: secrets_in(item) for key, item in value.items()}
    if isinstance(value, list):
        return [secrets_in(item) for item in value]
    match = re.fullmatch(r"(SECRET|SEALED)\((.*)\)", value, re.DOTALL) if isinstance(value, str) else None
    if match is None:
        return value
    place = Location("data/common.yaml", 1)
    if match[1] == "SECRET":
        return Secret(match[2], origin="data/common.yaml", location=place)

    def fail():
        raise DataError.of("sealed-secret", "no key of this node opens this", place)

    return Secret(reveal=fail, origin="data/common.yaml", location=place)


def compile_files(root, files, *, data=None, facts=None, types=TYPES, **more):
    """Write ``files`` below ``root`` and compile them."""
    for path, content in files.items():
        whole = os.path.join(root, path)
        os.makedirs(os.path.dirname(whole), exist_ok=True)
        mode = "wb" if isinstance(content, bytes) else "w"
        with open(whole, mode) as stream:
            stream.write(content)
    tree, environment = DirectoryTree(str(root)), more.pop("environment", "production")
    request = Request(
        tree=tree, revision="r1", node=more.pop("node", "web01"), environment=environment,
        facts={} if facts is None else facts,
        data=MarkedHiera(tree, environment) if data is None else PlainData(secrets_in(data)), types=types, digester=PortableDigester(KEY), version="1.0", **more,
    )  # fmt: skip
    return compile_catalog(request)


class Case:
    """A case file: sections that start with ``--- NAME [ARGUMENT]``."""

    def __init__(self, path):
        self.path = Path(path)
        self.title, self.files, self.options, self.sections = "", {}, {}, {}
        head, *parts = re.split(r"^--- ", self.path.read_text(), flags=re.MULTILINE)
        self.title = head.strip()
        for part in parts:
            header, _, body = part.partition("\n")
            name, _, argument = header.strip().partition(" ")
            if name == "file":
                self.files[argument] = _unescaped(body)
            elif name in ("node", "environment", "manifest", "role"):
                self.options[name] = argument
            else:
                self.sections[name] = body

    def run(self, root):
        """Return the outcome as text: the catalog, or the errors as people read them."""
        if "data" in self.sections:
            self.files["data/common.yaml"] = self.sections["data"]
        if "data/common.yaml" in self.files:
            self.files.setdefault("hiera.yaml", HIERARCHY)
        try:
            done = compile_files(root, self.files, facts=self._plain("facts", "facts.yaml"), **self.options)
        except DataError as error:

            def line_of(file, line):
                text = self.files.get(file, "")
                text = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
                lines = text.split("\n")
                return lines[line - 1] if line <= len(lines) else None

            return "\n".join(problem.render(line_of) for problem in error.problems) + "\n"
        warned = "".join(problem.render() + "\n" for problem in done.warnings)
        return show(done) + warned

    def _plain(self, name, file):
        text = self.sections.get(name, "")
        return plain(read(text.encode(), file)) or {}

    def expected(self):
        return self.sections.get("expect", "")

    def update(self, text):
        whole = self.path.read_text()
        whole = re.split(r"^--- expect\n", whole, flags=re.MULTILINE)[0]
        self.path.write_text(whole + "--- expect\n" + text)


def _unescaped(body):
    r"""Return a file's text; ``\xNN`` in a line that starts with ``\\`` are bytes."""
    if body.startswith("\\\\\n"):
        return body[3:].encode().decode("unicode_escape").encode("latin-1")
    return body


def show(done):
    """Return a compilation as text."""
    catalog, rows = done.catalog, []
    if catalog.hold is not None:
        rows.append(f"hold: {catalog.hold}")
    if catalog.noop:
        rows.append("noop")
    rows.append("classes: " + " ".join(catalog.classes))
    for item in catalog.declarations:
        flags = "".join(
            f" {name}={value}"
            for name, value in (("noop", item.noop), ("prune", item.prune))
            if value not in (None, "restore")
        )
        named = "" if item.name == item.ref.title else f" = {item.name}"
        rows.append(f"{item.ref}{named} in {item.container}{flags}")
        rows += [f"  {key}: {_value(value, done.contents)}" for key, value in item.attributes.items()]
    rows += [f"{edge.source} {'~>' if edge.notify else '->'} {edge.target}" for edge in catalog.edges]
    return "\n".join(rows) + "\n"


def _value(value, contents):
    if isinstance(value, ContentRef):
        data = contents.find(value.digest)
        assert value.secret == value.digest.startswith("hmac:")
        return f"{'secret ' if value.secret else ''}content {data.decode()!r}"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {_value(item, contents)}" for key, item in value.items()) + "}"
    return repr(value)
