import os
import time

import pytest

from hiera.errors import Location
from manifests.catalog import ContentRef, Declaration, Ref
from runner.resources.base import Change, Undo
from runner.resources.exec import Exec
from runner.system.base import MachineError
from runner.system.local import LocalSystem

CONTENTS = {}
WISH = {"done": True}


def execute(title="true", **attributes):
    return Exec(Declaration(Ref("exec", title), title, attributes, Location("site.yaml", 1), Ref("class", "main")))


@pytest.fixture
def system():
    return LocalSystem(content=CONTENTS.get)


def ref(system, text, *, secret=False):
    digest = system.digest(text.encode())
    CONTENTS[digest] = text.encode()
    return ContentRef(digest, 0, secret)


def run(resource, system):
    """One turn as the engine makes it; returns whether anything was done."""
    before = resource.read(system, frozenset())
    if all(resource.satisfied(key, before, value) for key, value in WISH.items()):
        return False
    resource.converge(system, Change(before, resource.after(before, WISH)))
    assert resource.read(system, frozenset()) == WISH
    return True


def test_text_runs_by_the_shell_and_a_list_does_not(system, tmp_path):
    assert run(execute(f"cd {tmp_path} && echo $((1+1)) > two"), system)
    assert (tmp_path / "two").read_text() == "2\n"
    assert run(execute("label", command=["touch", f"{tmp_path}/a b; $X"]), system)
    assert sorted(os.listdir(tmp_path)) == ["a b; $X", "two"]


def test_the_posix_provider_uses_a_shell_only_where_the_text_has_something_for_it(system, tmp_path):
    assert run(execute(f"touch {tmp_path}/a%b {tmp_path}/c", provider="posix"), system)
    assert run(execute(f"echo $PPID > '{tmp_path}/x y'", provider="posix"), system)

    assert sorted(path.name for path in tmp_path.iterdir()) == ["a%b", "c", "x y"]


def test_without_guards_it_runs_once_in_every_run(system, tmp_path):
    resource = execute(f"echo x >> {tmp_path}/log")
    assert run(resource, system)
    assert not run(resource, system)
    assert run(execute(f"echo x >> {tmp_path}/log"), system)
    assert (tmp_path / "log").read_text() == "x\nx\n"


@pytest.mark.parametrize(
    ("guards", "runs"),
    [
        ({"creates": "/etc/passwd"}, False),
        ({"creates": "/nonexistent"}, True),
        ({"creates": ["/nonexistent", "/etc/passwd"]}, False),
        ({"unless": "true"}, False),
        ({"unless": ["false", "true"]}, False),
        ({"unless": ["false", "false"]}, True),
        ({"onlyif": ["true", "false"]}, False),
        ({"onlyif": ["true", ["test", "-d", "/etc"]]}, True),
        ({"onlyif": "true", "unless": "true"}, False),
        ({"onlyif": "exit 7"}, False),
        ({"refreshonly": True}, False),
    ],
)
def test_guards(system, guards, runs):
    assert run(execute(**guards), system) is runs


def test_a_guard_that_still_says_no_afterwards_is_no_failure(system):
    assert run(execute(unless="false"), system)


def test_refresh_asks_the_guards_again(system, tmp_path):
    resource = execute(f"echo run >> {tmp_path}/log", refreshonly=True, creates=f"{tmp_path}/log")
    assert not run(resource, system)
    resource.refresh(system)
    resource.refresh(system)
    assert (tmp_path / "log").read_text() == "run\n"


def test_another_command_for_refresh(system, tmp_path):
    resource = execute("false", refreshonly=True, refresh=["touch", f"{tmp_path}/refreshed"])
    resource.refresh(system)
    assert os.listdir(tmp_path) == ["refreshed"]
    change = Change({"done": False}, WISH)
    assert not resource.discharged_by(change)
    assert execute("x").discharged_by(change)


def test_how_it_runs(system, tmp_path):
    out = tmp_path / "out"
    command = f"pwd > {out}; echo $A-$B-$PATH >> {out}; umask >> {out}"
    environment = ["A=1", "B=x=y"]
    assert run(execute(command, cwd="/usr", environment=environment, path=["/bin", "/x"], umask="0027"), system)
    assert out.read_text() == "/usr\n1-x=y-/bin:/x\n0027\n"
    assert run(execute(command, environment={"A": 2}), system)
    assert "2-" in out.read_text()


def test_stdin(system, tmp_path):
    assert run(execute(f"cat > {tmp_path}/got", stdin=ref(system, "se\ncret", secret=True)), system)
    assert (tmp_path / "got").read_text() == "se\ncret"


def test_exit_statuses_that_are_no_failure(system):
    assert run(execute("exit 3", returns=[0, "3"]), system)
    with pytest.raises(MachineError, match="exit status 0 instead of 3"):
        run(execute("true", returns=3), system)


def test_a_failure_shows_the_last_lines_of_output(system):
    with pytest.raises(MachineError) as error:
        run(execute("seq 100; echo wrong >&2; exit 4"), system)
    lines = error.value.message.splitlines()
    assert lines[0] == "exit status 4 instead of 0"
    assert lines[-1] == "wrong"
    assert len(lines) == 21


def test_output_of_a_command_that_was_given_a_secret_is_not_shown(system):
    with pytest.raises(MachineError) as error:
        run(execute("cat; exit 1", stdin=ref(system, "hunter2", secret=True)), system)
    assert "hunter2" not in error.value.message
    assert "not shown" in error.value.message
    resource = execute("cat", stdin=ref(system, "hunter2", secret=True), logoutput=True)
    assert run(resource, system)
    assert resource.announcement is None


def test_output_on_request(system):
    resource = execute("echo hello", logoutput=True)
    assert run(resource, system)
    assert resource.announcement == "hello"


def test_tries(system, tmp_path):
    command = f"echo x >> {tmp_path}/log; test $(wc -l < {tmp_path}/log) -ge 3"
    start = time.monotonic()
    assert run(execute(command, tries=5, try_sleep=0.05), system)
    assert 0.1 <= time.monotonic() - start < 2
    assert (tmp_path / "log").read_text() == "x\n" * 3


def test_timeouts(system):
    with pytest.raises(MachineError, match="did not end within"):
        run(execute("sleep 30", timeout=0.2), system)
    with pytest.raises(MachineError, match="guard"):
        run(execute("true", unless="sleep 30", timeout=0.2), system)


def test_undo_takes_back_what_the_guard_says_was_done(system, tmp_path):
    attributes = {"creates": f"{tmp_path}/made", "undo": f"rm {tmp_path}/made"}
    resource = execute(f"touch {tmp_path}/made", **attributes)
    assert resource.undo is Undo.STATE
    assert run(resource, system)
    back = execute(resource.ref.title, **resource.options())
    assert back.read(system, frozenset()) == {"done": True}
    back.converge(system, Change({"done": True}, {"done": False}))
    assert back.read(system, frozenset()) == {"done": False}
    assert os.listdir(tmp_path) == []


def test_without_undo_nothing_is_taken_back(system):
    assert execute().undo is Undo.NONE
    with pytest.raises(MachineError, match="undo"):
        execute().converge(system, Change({"done": True}, {"done": False}))


@pytest.mark.parametrize("attributes", [{}, {"refreshonly": True, "creates": "/x"}])
def test_undo_wants_a_guard(system, attributes):
    (problem,) = execute(undo="true", **attributes).problems(system)
    assert problem.code == "undo-without-guard"
    assert list(execute(undo="true", unless="false").problems(system)) == []


def test_unknown_accounts_are_missing(system):
    found = list(execute(user="no-such-user", group="no-such-group").missing(system))
    assert [(item.what, item.name) for item in found] == [("user", "no-such-user"), ("group", "no-such-group")]


def test_what_comes_first(system):
    needs = set(execute("label", command=["/opt/tool", "x"], cwd="/srv", user="bob").needs())
    assert needs == {("file", "/opt/tool"), ("file", "/srv"), ("user", "bob")}


def test_nothing_runs_in_another_root(tmp_path):
    assert execute().not_applicable(LocalSystem(str(tmp_path), content=CONTENTS.get))


@pytest.mark.root
@pytest.mark.skipif(os.geteuid() != 0, reason="needs root to become somebody else")
def test_it_runs_as_somebody_else(system, tmp_path):
    out = tmp_path / "out"
    resource = execute(f"(id -un; id -gn) > {out}", user="nobody", group="daemon")
    out.touch()
    out.chmod(0o666)
    for directory in (tmp_path, *tmp_path.parents[:3]):
        if directory != directory.parent and str(directory) != "/tmp":
            directory.chmod(0o755)
    assert run(resource, system)
    assert out.read_text() == "nobody\ndaemon\n"
