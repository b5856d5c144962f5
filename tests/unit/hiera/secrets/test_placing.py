"""Where a block is put into a data file: what else stands there keeps its bytes, or nothing is changed at all."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hiera.digging import parse_key
from hiera.errors import DataError
from hiera.secrets.rewriting import _with, root_of, with_value
from hiera.yaml.data import read

BLOCK = "ENC[GPG,aGVsbG8=]"

TEXT = """\
---
# the database
db:
  host: a   # ours
  users:
    - name: root
      password: old
    - name: app
      password: >
        ENC[GPG,
        aaaa]

  # below
  ports:
  - 1
  - 2
'dot.ted': {x: 1}
last: end
"""


@pytest.mark.parametrize(
    ("key", "old", "new"),
    [
        ("last", "last: end\n", f"last: {BLOCK}\n"),
        ("db.host", "  host: a   # ours\n", f"  host: {BLOCK}\n"),
        ("db.users.0.password", "      password: old\n", f"      password: {BLOCK}\n"),
        ("db.users.0.name", "    - name: root\n", f"    - name: {BLOCK}\n"),
        (
            "db.users.1.password",
            "      password: >\n        ENC[GPG,\n        aaaa]\n",
            f"      password: {BLOCK}\n",
        ),
        ("db.users.1.token", "        aaaa]\n", f"        aaaa]\n      token: {BLOCK}\n"),
        ("db.users.2.name", "        aaaa]\n", f"        aaaa]\n    - name: {BLOCK}\n"),
        ("db.ports.0", "  - 1\n", f"  - {BLOCK}\n"),
        ("db.ports.1", "  - 2\n", f"  - {BLOCK}\n"),
        ("db.ports.2", "  - 2\n", f"  - 2\n  - {BLOCK}\n"),
        ("db.tls.key.pem", "  - 2\n", f"  - 2\n  tls:\n    key:\n      pem: {BLOCK}\n"),
        ("db.more.0.x", "  - 2\n", f"  - 2\n  more:\n    - x: {BLOCK}\n"),
        ("dot.ted", "'dot.ted': {x: 1}\n", f"dot.ted: {BLOCK}\n"),
        ("'dot.ted'", "'dot.ted': {x: 1}\n", f"dot.ted: {BLOCK}\n"),
        ("new.deep", "last: end\n", f"last: end\nnew:\n  deep: {BLOCK}\n"),
        ("'new.flat'", "last: end\n", f"last: end\nnew.flat: {BLOCK}\n"),
        ("db.'a b'", "  - 2\n", f'  - 2\n  "a b": {BLOCK}\n'),
    ],
)
def test_a_value_within_the_data(key, old, new):
    assert TEXT.count(old) == 1
    assert with_value(TEXT, "d.yaml", key, BLOCK) == TEXT.replace(old, new)


@pytest.mark.parametrize("key", ["db.ports.7", "'dot.ted'.y", "last.x", "db.ports.x", "db.host.x"])
def test_where_it_cannot_be_done(key):
    with pytest.raises(DataError) as caught:
        with_value(TEXT, "d.yaml", key, BLOCK)
    (problem,) = caught.value.problems
    assert (problem.code, problem.location.file) == ("secret-place", "d.yaml")


def test_an_alias_that_would_be_changed_twice_is_refused():
    text = "a: &a\n  x: 1\nb: *a\n"
    with pytest.raises(DataError):
        with_value(text, "d.yaml", "b.x", BLOCK)


def test_a_file_that_would_not_be_readable_is_refused():
    with pytest.raises(DataError) as caught:
        with_value("? a\n: b\n", "d.yaml", "a", BLOCK)
    assert caught.value.problems[0].code == "secret-place"


def test_an_empty_file_and_its_root():
    assert with_value("", "d.yaml", "a.b.0", BLOCK) == f"a:\n  b:\n    - {BLOCK}\n"
    assert with_value("# nothing\n", "d.yaml", "a", BLOCK) == f"# nothing\na: {BLOCK}\n"
    assert [root_of(TEXT, "d.yaml", key) for key in ("db.users.0", "dot.ted", "'x.y'.z")] == ["db", "dot.ted", "x.y"]


NAMES = st.sampled_from(["a", "b", "c", "db::x", "k.y"])
TREES = st.recursive(
    st.sampled_from(["1", "text", '"quoted # text"', "~", "[1, 2]", "{x: 1}", ">\n FOLD\n"]),
    lambda inner: st.dictionaries(NAMES, inner, min_size=1, max_size=3) | st.lists(inner, min_size=1, max_size=3),
    max_leaves=8,
)


def written(tree, indent):
    """Yield the lines of a tree in block style, with comments here and there."""
    pad = " " * indent
    rows = tree.items() if isinstance(tree, dict) else ((None, item) for item in tree)
    for name, item in rows:
        head = f"{pad}- " if name is None else f"{pad}{name}: "
        if isinstance(item, str):
            yield (head + item).replace("\n FOLD", f"\n{pad}    folded").rstrip("\n") + "\n"
        else:
            yield head.rstrip() + f"\n{pad}  # comment\n"
            yield from written(item, indent + 2)


def ways(value, before=""):
    """Yield the dotted key of everything in a value."""
    for name, item in value.items() if isinstance(value, dict) else enumerate(value):
        way = f"{before}.{name!r}" if isinstance(name, str) else f"{before}.{name}"
        yield way.removeprefix(".")
        if isinstance(item, dict | list):
            yield from ways(item, way)


@given(st.dictionaries(NAMES, TREES, min_size=1, max_size=3), st.data())
def test_any_place_in_any_file_or_nothing(tree, data):
    text = "".join(written(tree, 0))
    value = read(text.encode(), "d.yaml", lambda _: None)
    key = data.draw(st.sampled_from(sorted(ways(value))) | st.just("n.e.w") | st.just("a.new"))
    way = (parse_key(key).root, *parse_key(key).segments)
    try:
        new = with_value(text, "d.yaml", key, BLOCK)
    except DataError:
        return
    assert read(new.encode(), "d.yaml", lambda _: None) == _with(value, way, BLOCK)


def test_a_block_that_would_break_the_file():
    """A block over several lines that is not indented as deep as its place leaves no file that can be read."""
    with pytest.raises(DataError) as caught:
        with_value("a: 1\n", "d.yaml", "c.d", ">\n  ENC[GPG,\n  aGVsbG8=]")

    assert [problem.code for problem in caught.value.problems] == ["secret-place"]
