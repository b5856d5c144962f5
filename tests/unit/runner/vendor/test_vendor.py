"""Vendoring with real repositories and a Forge that answers as the API does."""

import hashlib
import io
import json
import os
import subprocess
import tarfile
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from hiera.errors import DataError, UsageError
from runner.cli.main import main
from runner.vendor import files
from runner.vendor.branches import environment_of, from_branches
from runner.vendor.forge import Forge
from runner.vendor.repositories import Repositories
from runner.vendor.vendoring import Vendoring


def git(place, *words):
    env = {
        "PATH": os.environ["PATH"],
        "HOME": str(place),
        **{f"GIT_{who}_{what}": "x@example.com" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")},
    }
    return subprocess.run(
        ["git", "-C", place, *words], env=env, check=True, capture_output=True, text=True
    ).stdout.strip()


def commit(place, **contents):
    place.mkdir(exist_ok=True)
    if not (place / ".git").exists():
        git(place, "init", "-q", "-b", "main")
    for name, text in contents.items():
        (place / name).write_text(text)
    git(place, "add", "-A")
    git(place, "commit", "-qm", "change")
    return git(place, "rev-parse", "HEAD")


def tarball(*members):
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w:gz") as archive:
        for name, text, *kind in members:
            info = tarfile.TarInfo(name)
            info.size = len(text)
            if kind:
                info.type, info.linkname, info.size = kind[0], text, 0
            archive.addfile(info, io.BytesIO(text.encode()))
    return data.getvalue()


class Releases:
    """A Forge: ``(slug, version) -> archive``."""

    def __init__(self):
        self.archives = {}
        self.spoilt = set()
        self.asked = []
        releases = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                releases.asked.append(self.path)
                answer = releases.answer(self.path)
                self.send_response(200 if answer is not None else 404)
                self.end_headers()
                self.wfile.write(answer or b"{}")

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        self.thread = threading.Thread(target=self.server.serve_forever)
        self.thread.start()

    def answer(self, path):
        for (slug, version), data in self.archives.items():
            if path == f"/v3/modules/{slug}":
                newest = [item for item in self.archives if item[0] == slug][-1][1]
                return json.dumps({"slug": slug, "current_release": {"version": newest}}).encode()
            if path == f"/v3/releases/{slug}-{version}":
                checksum = hashlib.sha256(data).hexdigest()
                return json.dumps(
                    {"version": version, "file_uri": f"/v3/files/{slug}-{version}.tar.gz", "file_sha256": checksum}
                ).encode()
            if path == f"/v3/files/{slug}-{version}.tar.gz":
                return b"other" if slug in self.spoilt else data
        return None

    def close(self):
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


@pytest.fixture
def forge():
    releases = Releases()
    for version in ("1.0.0", "1.1.0"):
        top = f"me-a-{version}"
        releases.archives["me-a", version] = tarball(
            (f"{top}/metadata.json", version), (f"{top}/manifests/init.pp", "class a {}")
        )
    yield releases
    releases.close()


@pytest.fixture
def control(tmp_path):
    place = tmp_path / "control"
    place.mkdir()
    return place


def fetch(control, tmp_path, **more):
    options = {"update": False, "force": False} | more
    place = tmp_path / f"bare{len(list(tmp_path.iterdir()))}"
    done = Vendoring(str(control)).fetch(Repositories(str(place)), **options)
    return [(item.name, item.version, item.before) for item in done]


def states(control):
    return {row.name: row.state for row in Vendoring(str(control)).rows()}


def test_modules_of_a_forge_and_of_git_are_put_in_place(control, tmp_path, forge):
    first = commit(tmp_path / "b", one="1")
    git(tmp_path / "b", "tag", "v1")
    commit(tmp_path / "b", one="2")
    (control / "modules/own").mkdir(parents=True)
    (control / "Puppetfile").write_text(
        f"forge '{forge.url}'\nmod 'me/a', '1.0.0'\nmod 'b', git: '{tmp_path}/b', tag: 'v1'\nmod 'own', local: true\n"
    )
    assert states(control) == {"a": "missing", "b": "missing", "own": "local"}
    assert main(["vendor", "--tree", str(control), "--check", "-q"]) == 1
    assert fetch(control, tmp_path) == [("a", "1.0.0", ""), ("b", "v1", "")]
    assert (control / "modules/a/metadata.json").read_text() == "1.0.0"
    assert (control / "modules/b/one").read_text() == "1"
    lock = json.loads((control / "vendor.lock").read_text())
    assert lock["modules"]["b"]["revision"] == first
    assert lock["modules"]["a"]["revision"] == "sha256:" + hashlib.sha256(forge.archives["me-a", "1.0.0"]).hexdigest()
    assert states(control) == {"a": "ok", "b": "ok", "own": "local"}
    assert main(["vendor", "--tree", str(control), "--check", "-q"]) == 0
    forge.asked.clear()
    assert fetch(control, tmp_path) == []
    assert forge.asked == []


def test_the_lock_holds_what_has_no_fixed_version(control, tmp_path, forge):
    commit(tmp_path / "b", one="1")
    (control / "Puppetfile").write_text(
        f"forge '{forge.url}'\nmod 'me/a', :latest\nmod 'b', git: '{tmp_path}/b', branch: 'main'\n"
    )
    assert [name for name, *_ in fetch(control, tmp_path)] == ["a", "b"]
    commit(tmp_path / "b", one="2")
    forge.archives["me-a", "2.0.0"] = tarball(("me-a-2.0.0/metadata.json", "2.0.0"))
    for name in ("a", "b"):
        files.remove(str(control / "modules" / name))
    fetch(control, tmp_path)
    assert (control / "modules/a/metadata.json").read_text() == "1.1.0"
    assert (control / "modules/b/one").read_text() == "1"
    assert fetch(control, tmp_path, update=True) == [("a", "2.0.0", "1.1.0"), ("b", "main", "main")]
    assert (control / "modules/b/one").read_text() == "2"
    assert not (control / "modules/a/manifests").exists()


def test_what_was_changed_by_hand_stays(control, tmp_path, forge):
    puppetfile = control / "Puppetfile"
    puppetfile.write_text(f"forge '{forge.url}'\nmod 'me/a', '1.0.0'\n")
    fetch(control, tmp_path)
    (control / "modules/a/metadata.json").write_text("mine")
    assert states(control) == {"a": "modified"}
    with pytest.raises(DataError) as changed:
        fetch(control, tmp_path)
    assert changed.value.problems[0].code == "modified-module"
    assert str(changed.value.problems[0].location) == "Puppetfile:2:1"
    assert (control / "modules/a/metadata.json").read_text() == "mine"
    fetch(control, tmp_path, force=True)
    puppetfile.write_text(f"forge '{forge.url}'\n")
    assert states(control) == {"a": "dropped"}
    assert fetch(control, tmp_path) == [("a", "", "1.0.0")]
    assert not (control / "modules/a").exists()


def test_an_archive_that_is_not_the_one_told_of_is_refused(control, tmp_path, forge):
    forge.spoilt.add("me-a")
    (control / "Puppetfile").write_text(f"forge '{forge.url}'\nmod 'me/a', '1.0.0'\nmod 'me/b'\n")
    with pytest.raises(DataError) as wrong:
        fetch(control, tmp_path)
    assert [item.code for item in wrong.value.problems] == ["wrong-checksum", "unknown-release"]
    assert not (control / "modules/a").exists()
    assert not list((control / "modules").glob(".*"))


def test_a_release_that_changed_since_it_was_locked_is_refused(control, tmp_path, forge):
    (control / "Puppetfile").write_text(f"forge '{forge.url}'\nmod 'me/a', '1.0.0'\n")
    fetch(control, tmp_path)
    files.remove(str(control / "modules/a"))
    forge.archives["me-a", "1.0.0"] = tarball(("me-a-1.0.0/evil", "x"))
    with pytest.raises(DataError) as changed:
        fetch(control, tmp_path)
    assert changed.value.problems[0].code == "wrong-checksum"


@pytest.mark.parametrize(
    "members",
    [
        [("top/../../out", "x")],
        [("/abs", "x")],
        [("top/link", "../../etc", tarfile.SYMTYPE)],
        [("top/link", "/etc", tarfile.SYMTYPE)],
        [("top/hard", "top/a", tarfile.LNKTYPE)],
        [("top/pipe", "", tarfile.FIFOTYPE)],
        [("top/d", "here", tarfile.SYMTYPE), ("top/d/f", "x"), ("top/here/g", "x")],
    ],
)
def test_nothing_leaves_its_directory(tmp_path, members):
    with pytest.raises(DataError) as refused:
        files.unpack(tarball(*members), str(tmp_path / "new"), strip=1, origin="module 'a'")
    assert refused.value.problems[0].code == "bad-archive"
    assert not (tmp_path / "out").exists()


def test_links_inside_are_kept(tmp_path):
    files.unpack(
        tarball(("top/a", "x"), ("top/d/l", "../a", tarfile.SYMTYPE)), str(tmp_path / "new"), strip=1, origin="m"
    )
    assert (tmp_path / "new/d/l").read_text() == "x"


def test_a_forge_in_the_clear_is_refused():
    with pytest.raises(UsageError):
        Forge("http://forge.example.com")


def test_old_names_of_the_public_forge_mean_its_api():
    assert Forge("http://forge.puppetlabs.com").url == Forge("https://forgeapi.puppet.com").url


def test_branches_become_environments(control, tmp_path, forge):
    source = tmp_path / "source"
    puppetfile = f"forge '{forge.url}'\nmod 'me/a', '1.0.0'\n"
    commit(source, Puppetfile=puppetfile, site="1")
    git(source, "checkout", "-qb", "feature/x-1")
    commit(source, site="2")

    def run(**more):
        place = str(tmp_path / f"bare{len(list(tmp_path.iterdir()))}")
        options = {"force": False} | more
        return [item.path for item in from_branches(str(control), str(source), Repositories(place), **options)]

    assert environment_of("feature/x-1") == "feature_x_1"
    assert run() == [
        "environments/feature_x_1",
        "modules/a",
        "environments/main",
        "modules/a",
    ]
    assert (control / "environments/feature_x_1/site").read_text() == "2"
    assert (control / "environments/main/modules/a/metadata.json").read_text() == "1.0.0"
    assert run() == []
    commit(source, site="3")
    assert run(only=["feature/x-1"]) == ["environments/feature_x_1"]
    assert (control / "environments/feature_x_1/site").read_text() == "3"
    assert (control / "environments/feature_x_1/modules/a/metadata.json").exists()
    (control / "environments/feature_x_1/site").write_text("mine")
    commit(source, site="4")
    with pytest.raises(DataError) as changed:
        run()
    assert [item.code for item in changed.value.problems] == ["modified-environment"]
    assert run(force=True) == ["environments/feature_x_1"]


def test_a_puppetfile_with_mistakes_changes_nothing(control, capsys):
    (control / "Puppetfile").write_text("mod 'x'\nfoo\nmod 'y', git: 'ext::sh', install_path: '../..'\n")
    assert main(["vendor", "--tree", str(control)]) == 11
    said = capsys.readouterr().err
    assert "Puppetfile:1:1" in said
    assert "Puppetfile:2:1" in said
    assert not (control / "modules").exists()
