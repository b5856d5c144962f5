import pytest

from hiera.errors import DataError
from runner.facts.file import from_file

BOMB = b"a0: &a0 [x, x]\n" + b"".join(b"a%d: &a%d [*a%d, *a%d]\n" % (i, i, i - 1, i - 1) for i in range(1, 40))


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("n.yaml", "os: {family: Debian}\n"),
        ("n.json", '{"os": {"family": "Debian"}}'),
        ("n.yaml", "name: web01\nvalues:\n  os: {family: Debian}\n"),
        ("n.json", '{"name": "web01", "values": {"os": {"family": "Debian"}}, "timestamp": "x"}'),
        ("n.yaml", "--- !ruby/object:Puppet::Node::Facts\nname: web01\nvalues:\n  os: {family: Debian}\n"),
    ],
)
def test_formats(tmp_path, name, text):
    path = tmp_path / name
    path.write_text(text)
    assert from_file(str(path)) == {"os": {"family": "Debian"}}


def test_a_fact_called_values_alone_is_a_fact(tmp_path):
    path = tmp_path / "n.yaml"
    path.write_text("values: {a: 1}\n")
    assert from_file(str(path)) == {"values": {"a": 1}}


@pytest.mark.parametrize(
    ("data", "says", "line"),
    [
        (b"a: [\n", "not valid YAML", 1),
        (b'{\n"a": }', "not JSON", 2),
        (b"- 1\n", "mapping", 0),
        (b"a: \xff\n", "UTF-8", 1),
        (b"a: !ruby/object:X {}\n", "not YAML", 1),
        (b'{"a":' * 5000, "deep", 0),
        (b'{"a":' * 480 + b"1" + b"}" * 480, "deep", 0),
        (b"a: " + b"[" * 5000, "deep", 1),
        (BOMB, "aliases", 16),
    ],
)
def test_odd_files_end_as_located_errors(tmp_path, data, says, line):
    path = tmp_path / "n"
    path.write_bytes(data)
    with pytest.raises(DataError) as error:
        from_file(str(path))
    (problem,) = error.value.problems
    assert says in problem.message
    assert problem.location.file == str(path)
    assert problem.location.line == line


def test_a_missing_file_is_an_error(tmp_path):
    with pytest.raises(DataError, match="No such file"):
        from_file(str(tmp_path / "nothing"))
