"""The door to git: what reaches its processes, and what ends them."""

import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from hiera.errors import TrustError, UsageError
from runner.source.address import Credentials
from runner.source.git import Git, Unreachable
from runner.source.objects import read_objects

HOSTILE = {
    "GIT_DIR": "/nonexistent/evil.git",
    "GIT_CONFIG_PARAMETERS": "'core.hooksPath=/tmp/evil'",
    "GIT_SSH_COMMAND": "touch /tmp/evil",
    "GIT_EXEC_PATH": "/tmp",
    "GIT_ALTERNATE_OBJECT_DIRECTORIES": "/tmp",
    "GNUPGHOME": "/tmp/evil",
    "FREEHOLD_SECRET": "s3cret",
}


@pytest.fixture
def bare(tmp_path):
    git = Git(str(tmp_path / "r.git"))
    assert git.run("init", "--bare", "-q", "--template=").code == 0
    return git


@pytest.fixture
def show_environment(tmp_path, monkeypatch):
    """Put a program in the place of git that prints its arguments and environment."""
    program = tmp_path / "bin" / "git"
    program.parent.mkdir()
    program.write_text('#!/bin/sh\nprintf "%s\\n" "$@"\necho --\nexec env\n')
    program.chmod(0o755)
    monkeypatch.setattr("runner.source.git.PATH", f"{program.parent}:/usr/bin:/bin")
    monkeypatch.setenv("PATH", f"{program.parent}:{os.environ['PATH']}")
    for name, value in HOSTILE.items():
        monkeypatch.setenv(name, value)


@pytest.mark.parametrize("wrapped", [False, True])
def test_nothing_of_the_caller_reaches_git(show_environment, wrapped):
    if wrapped:
        os.environ["GIT_PYTHON_REFRESH"] = "quiet"
    out = Git("/srv/x").run("fetch", wrapped=wrapped).out.decode()
    argv, _, env = out.partition("\n--\n")
    names = dict(line.split("=", 1) for line in env.splitlines() if "=" in line)
    assert argv.split("\n") == ["--git-dir=/srv/x", "fetch"]
    assert "evil" not in env
    assert "s3cret" not in env
    assert (names["GIT_CONFIG_GLOBAL"], names["GIT_NO_REPLACE_OBJECTS"]) == ("/dev/null", "1")
    assert names["HOME"] == "/nonexistent"


def test_both_ways_have_the_same_environment(show_environment):
    plain, wrapped = (Git("/srv/x").run("fetch", wrapped=way).out.decode() for way in (False, True))
    drop = ("PWD=", "_=", "SHLVL=", "OLDPWD=")
    clean = [sorted(line for line in text.splitlines() if not line.startswith(drop)) for text in (plain, wrapped)]
    assert clean[0] == clean[1]


def test_a_token_is_no_argument_and_goes_to_its_host_only(show_environment, tmp_path):
    token = tmp_path / "token"
    token.write_text("s3cret-token\n")
    git = Git("/srv/x", Credentials(token_file=str(token)))
    out = git.run("fetch", url="https://git.example.org:8443/team/x.git").out.decode()
    argv, _, env = out.partition("\n--\n")
    assert "http.https://git.example.org:8443/.extraHeader" in env
    assert "Authorization: Basic " in env
    assert "Authorization" not in argv
    assert "Authorization" not in git.run("cat-file").out.decode()
    assert "Authorization" not in git.run("fetch", url="ssh://x/y").out.decode()


def test_a_token_file_without_a_token_is_a_located_mistake(tmp_path):
    git = Git("/srv/x", Credentials(token_file=str(tmp_path / "none")))
    with pytest.raises(UsageError) as failure:
        git.run("fetch", url="https://h/x")
    assert failure.value.problems[0].code == "credentials-file"


def test_the_deadline_ends_the_whole_group(tmp_path, monkeypatch):
    program = tmp_path / "bin" / "git"
    program.parent.mkdir()
    pid = tmp_path / "pid"
    program.write_text(f"#!/bin/sh\nsleep 300 &\necho $! > {pid}\nwait\n")
    program.chmod(0o755)
    monkeypatch.setattr("runner.source.git.PATH", f"{program.parent}:/usr/bin:/bin")
    monkeypatch.setenv("PATH", f"{program.parent}:{os.environ['PATH']}")
    start = time.monotonic()
    with pytest.raises(Unreachable):
        Git("/srv/x").run("fetch", seconds=1)
    assert time.monotonic() - start < 5
    for _ in range(100):
        state = Path(f"/proc/{pid.read_text().strip()}/stat")
        if not state.exists() or state.read_text().split()[2] == "Z":
            return
        time.sleep(0.05)
    pytest.fail("a process of the group lives on")


def test_reading_objects_has_a_deadline_too(tmp_path, monkeypatch):
    program = tmp_path / "bin" / "git"
    program.parent.mkdir()
    program.write_text("#!/bin/sh\nsleep 300 & wait\n")
    program.chmod(0o755)
    monkeypatch.setattr("runner.source.git.PATH", f"{program.parent}:/usr/bin:/bin")
    monkeypatch.setenv("PATH", f"{program.parent}:{os.environ['PATH']}")
    with pytest.raises(Unreachable):
        list(read_objects(Git("/srv/x"), ["a" * 40] * 100_000, seconds=0.5))


def test_endless_output_is_cut(tmp_path, monkeypatch):
    program = tmp_path / "bin" / "git"
    program.parent.mkdir()
    program.write_text("#!/bin/sh\nexec yes\n")
    program.chmod(0o755)
    monkeypatch.setattr("runner.source.git.PATH", f"{program.parent}:/usr/bin:/bin")
    monkeypatch.setenv("PATH", f"{program.parent}:{os.environ['PATH']}")
    with pytest.raises(TrustError) as failure:
        Git("/srv/x").run("ls-remote", limit=100_000)
    assert failure.value.problems[0].code == "git-output"


def test_much_input_and_output_do_not_block(bare):
    sha = bare.run("hash-object", "-w", "--stdin", data=b"x" * 200_000).out.decode().strip()
    result = bare.run("cat-file", "--batch", data=f"{sha}\n".encode() * 50)
    assert len(result.out) > 50 * 200_000


def test_hooks_of_the_mirror_do_not_run(bare, tmp_path):
    hooks = Path(bare.directory, "hooks")
    hooks.mkdir()
    (hooks / "reference-transaction").write_text(f"#!/bin/sh\ntouch {tmp_path}/ran\n")
    (hooks / "reference-transaction").chmod(0o755)
    blob = bare.run("hash-object", "-w", "--stdin", data=b"x").out.decode().strip()
    assert bare.run("update-ref", "refs/freehold/x", blob).code == 0
    assert not (tmp_path / "ran").exists()


def test_asking_a_remote_imports_no_gitpython(bare):
    code = (
        "import sys; from runner.source.mirror import Mirror; from hiera.errors import FreeholdError\n"
        f"m = Mirror({bare.directory!r}, '/nonexistent/x.git', 'main')\n"
        "try: m.remote_tip()\nexcept FreeholdError: pass\n"
        "sys.exit('git' in sys.modules)"
    )
    path = os.pathsep.join(sys.path)
    assert (
        subprocess.run([sys.executable, "-c", code], env={**os.environ, "PYTHONPATH": path}, check=False).returncode
        == 0
    )


def test_threads_can_share_one_door(bare):
    shas = [bare.run("hash-object", "-w", "--stdin", data=str(n).encode()).out.decode().strip() for n in range(8)]
    seen = {}

    def read(sha):
        seen[sha] = bare.run("cat-file", "blob", sha).out

    threads = [threading.Thread(target=read, args=(sha,)) for sha in shas]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [seen[sha] for sha in shas] == [str(n).encode() for n in range(8)]
