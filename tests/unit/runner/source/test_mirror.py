import base64
import http.server
import os
import shutil
import ssl
import subprocess
import threading
import time

import pytest
from support.git_repo import run

from hiera.errors import DataError, FreeholdError, TrustError
from runner.source.address import Credentials
from runner.source.git import Unreachable
from runner.source.mirror import Mirror


@pytest.fixture
def repo(git_repo):
    repo = git_repo()
    repo.commit("first", {"a.txt": "one\n", "d/b.txt": "two\n"}, push=True)
    return repo


@pytest.fixture
def mirror(repo, tmp_path):
    return Mirror(tmp_path / "mirror", repo.url, "main", deadline=20)


def test_fetches_the_tip_into_a_private_bare_repository(mirror, repo):
    assert mirror.fetch() == repo.head == mirror.tip() == mirror.remote_tip()
    assert os.stat(mirror.directory).st_mode & 0o777 == 0o700
    assert not os.path.exists(os.path.join(mirror.directory, "hooks"))
    assert mirror.read_blob(repo.head, "d/b.txt") == b"two\n"


def test_a_second_fetch_only_asks(mirror, repo, monkeypatch):
    mirror.fetch()
    asked = []
    run = mirror.git.run
    monkeypatch.setattr(mirror.git, "run", lambda *argv, **more: asked.append(argv[0]) or run(*argv, **more))
    mirror.fetch()
    assert asked == ["ls-remote"]


def test_a_force_push_keeps_what_was_accepted(mirror, repo):
    first = repo.head
    second = repo.commit("second", {"a.txt": "2\n"}, push=True)
    mirror.fetch()
    mirror.accept(second)
    repo.reset(first)
    other = repo.commit("other", {"a.txt": "3\n"})
    repo.push(force=True)
    assert mirror.fetch() == other
    assert mirror.accepted() == second
    mirror._local("repack", "-a", "-d", "-q")
    assert mirror.read_blob(second, "a.txt") == b"2\n"
    assert not mirror.is_ancestor(second, other)
    assert mirror.is_ancestor(first, other)


def test_ssh_with_pinned_host_key(sshd, repo, tmp_path):
    mirror = Mirror(tmp_path / "m", sshd.url(repo.bare), "main", Credentials(**sshd.credentials), deadline=20)
    assert mirror.fetch() == repo.head
    sshd.stop()
    start = time.monotonic()
    with pytest.raises(Unreachable) as failure:
        mirror.fetch()
    assert "127.0.0.1" in str(failure.value)
    assert time.monotonic() - start < 20
    assert mirror.tip() == repo.head


@pytest.mark.parametrize(("which", "code"), [("wrong_key", "remote-login"), ("wrong_host", "remote-host-key")])
def test_ssh_with_a_wrong_key_on_either_side(sshd, repo, tmp_path, which, code):
    mirror = Mirror(tmp_path / "m", sshd.url(repo.bare), "main", Credentials(**getattr(sshd, which)), deadline=20)
    assert unreachable(mirror) == code


def unreachable(mirror):
    with pytest.raises(Unreachable) as failure:
        mirror.fetch()
    return failure.value.problems[0].code


def test_the_server_comes_back_while_we_try(sshd, repo, tmp_path):
    mirror = Mirror(tmp_path / "m", sshd.url(repo.bare), "main", Credentials(**sshd.credentials), deadline=30)
    sshd.stop()
    back = threading.Timer(1.0, sshd.start)
    back.start()
    try:
        assert mirror.fetch() == repo.head
    finally:
        back.join()


def test_a_deleted_branch_and_a_missing_repository(mirror, repo, tmp_path):
    tip = mirror.fetch()
    repo.git("push", "-q", "origin", "HEAD:refs/heads/elsewhere", "HEAD:refs/heads/x/refs/heads/main")
    repo.git("-C", str(repo.bare), "update-ref", "-d", "refs/heads/main")
    assert unreachable(mirror) == "branch-missing"
    assert mirror.tip() == tip
    assert mirror.read_blob(tip, "a.txt") == b"one\n"
    os.rename(repo.bare, tmp_path / "moved")
    assert unreachable(mirror) == "remote-missing"


def test_a_shallow_remote_is_not_taken(repo, tmp_path):
    repo.commit("second", {"a.txt": "2\n"}, push=True)
    run("git", "clone", "-q", "--bare", "--depth=1", repo.url, tmp_path / "shallow.git")
    mirror = Mirror(tmp_path / "m", str(tmp_path / "shallow.git"), "main")
    with pytest.raises(FreeholdError):
        mirror.fetch()
    assert mirror.tip() is None


def test_a_branch_may_follow_one_that_was_its_directory(repo, tmp_path):
    repo.git("push", "-q", "origin", "HEAD:refs/heads/ring/one")
    assert Mirror(tmp_path / "m", repo.url, "ring/one").fetch() == repo.head
    repo.git("push", "-q", "origin", ":refs/heads/ring/one")
    repo.git("push", "-q", "origin", "HEAD:refs/heads/ring")
    assert Mirror(tmp_path / "m", repo.url, "ring").fetch() == repo.head


def test_reading_history(mirror, repo):
    first = repo.head
    second = repo.commit("second\n\nbody\n\nMax-Prune: 3\n", {"a.txt": "2\n", "new": "x"}, push=True)
    mirror.fetch()
    assert [commit.sha for commit in mirror.log(None, second)] == [second, first]
    assert [commit.subject for commit in mirror.log(first, second)] == ["second"]
    commit = mirror.commit(second)
    assert (commit.author.name, commit.author.email, commit.parents) == ("Ann Author", "ann@example.org", (first,))
    assert "Max-Prune: 3" in mirror.message(second)
    assert mirror.distance(first, second) == 1
    assert mirror.tree_id(second) == repo.git("rev-parse", "HEAD^{tree}")
    with pytest.raises(DataError):
        mirror.read_blob(second, "nothing\nhere")
    with pytest.raises(TrustError):
        mirror.commit("1" * 40)


def test_many_packs_are_joined_and_refused_tips_dropped(mirror, repo, monkeypatch):
    monkeypatch.setattr("runner.source.mirror._PACKS", 2)
    first = mirror.fetch()
    mirror.accept(first)
    dropped = repo.commit("never accepted", {"big": "x"}, push=True)
    mirror.fetch()
    repo.reset(first)
    for number in range(3):
        repo.commit("more", {"a.txt": str(number)})
        repo.push(force=True)
        mirror.fetch()
    assert not mirror.has(dropped)
    assert mirror.has(first)
    assert len([n for n in os.listdir(os.path.join(mirror.directory, "objects/pack")) if n.endswith(".pack")]) <= 2


@pytest.fixture
def https(repo, tmp_path):
    """Serve the repository over https, to who sends the token; without git http-backend the test is skipped."""
    backend = run("git", "--exec-path").strip() + "/git-http-backend"
    if not os.path.exists(backend) or not shutil.which("openssl"):
        pytest.skip("git http-backend or openssl is not installed")
    pair = ["-keyout", tmp_path / "key.pem", "-out", tmp_path / "cert.pem", "-subj", "/CN=localhost"]
    names = ["-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"]
    run("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", *pair, *names)
    (tmp_path / "token").write_text("t0ken\n")

    class Handler(http.server.BaseHTTPRequestHandler):
        def answer(self):
            wanted = "Basic " + base64.b64encode(b"git:t0ken").decode()
            if self.headers.get("Authorization") != wanted:
                self.send_response(401)
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
            path, _, query = self.path.partition("?")
            env = {
                "GIT_PROJECT_ROOT": str(repo.bare.parent),
                "GIT_HTTP_EXPORT_ALL": "1",
                "PATH_INFO": path,
                "QUERY_STRING": query,
                "REQUEST_METHOD": self.command,
                "CONTENT_TYPE": self.headers.get("Content-Type", ""),
                "GIT_PROTOCOL": self.headers.get("Git-Protocol", ""),
                "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding", ""),
                "PATH": os.environ["PATH"],
            }
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            out = subprocess.run([backend], input=body, env=env, capture_output=True, check=True).stdout
            head, _, rest = out.partition(b"\r\n\r\n")
            fields = dict(line.split(": ", 1) for line in head.decode().split("\r\n"))
            self.send_response(int(fields.pop("Status", "200").split()[0]))
            for name, value in fields.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(rest)))
            self.end_headers()
            self.wfile.write(rest)

        do_GET = do_POST = answer  # noqa: N815  the names http.server calls

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "cert.pem", tmp_path / "key.pem")
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"https://localhost:{server.server_port}/{repo.bare.name}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_https_with_a_token_and_a_private_authority(https, repo, tmp_path):
    files = {"token_file": str(tmp_path / "token"), "ca_file": str(tmp_path / "cert.pem")}
    assert Mirror(tmp_path / "m", https, "main", Credentials(**files)).fetch() == repo.head
    repo.commit("more", {f"f{n}": str(n) * 1000 for n in range(50)}, push=True)
    assert Mirror(tmp_path / "m", https, "main", Credentials(**files)).fetch() == repo.head
    assert "t0ken" not in "".join(p.read_text(errors="replace") for p in (tmp_path / "m").rglob("*") if p.is_file())
    assert unreachable(Mirror(tmp_path / "m", https, "main", Credentials(ca_file=files["ca_file"]))) == "remote-login"
    assert (
        unreachable(Mirror(tmp_path / "m", https, "main", Credentials(token_file=files["token_file"])))
        == "remote-certificate"
    )
