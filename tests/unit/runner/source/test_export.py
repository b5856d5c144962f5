import os
import shutil
import time
from pathlib import Path

import pytest

from hiera.errors import DataError, TrustError
from runner.source import layout
from runner.source.export import Exports
from runner.source.mirror import Mirror


@pytest.fixture
def repo(git_repo):
    return git_repo()


@pytest.fixture
def mirror(repo, tmp_path):
    return Mirror(tmp_path / "mirror", repo.url, "main")


@pytest.fixture
def exports(mirror, tmp_path):
    return Exports(tmp_path / "trees", mirror, keep=2)


@pytest.fixture
def export(repo, mirror, exports):
    def commit_and_export(sha=None, **more):
        sha = sha or repo.commit("tree", push=True, **more)
        mirror.fetch()
        return exports.export(sha)

    return commit_and_export


def code_of(call, *arguments):
    with pytest.raises(DataError) as failure:
        call(*arguments)
    problem = failure.value.problems[0]
    assert problem.location is not None
    return problem.code


def test_a_tree_is_exported_read_only_under_the_name_of_the_commit(repo, export, tmp_path):
    repo.write("bin/run", b"#!/bin/sh\n", executable=True)
    tree = export(files={"a.txt": "one\n", "deep/er/b.txt": "\u00e9\n"})
    assert tree.root == str(tmp_path / "trees" / repo.head)
    assert tree.id == repo.git("rev-parse", "HEAD^{tree}")
    assert tree.read("deep/er/b.txt") == "\u00e9\n".encode()
    assert (tree.mode("bin/run"), tree.mode("a.txt")) == (0o755, 0o644)
    modes = {os.stat(os.path.join(tree.root, path)).st_mode & 0o777 for path in ("", "deep", "deep/er", "bin/run")}
    assert modes == {0o555}
    assert os.stat(os.path.join(tree.root, "a.txt")).st_mode & 0o777 == 0o444
    assert os.stat(tmp_path / "trees").st_mode & 0o777 == 0o700


def test_an_existing_export_starts_no_git(repo, export, exports, mirror):
    export(files={"a": "1"})
    shutil.rmtree(mirror.directory)
    assert exports.export(repo.head).read("a") == b"1"


def test_links_inside_become_copies(repo, export):
    repo.write("data/common.yaml", "a: 1\n")
    repo.write("data/sub/x.yaml", "x: 1\n")
    repo.write("run.sh", "#!/bin/sh\n", executable=True)
    repo.symlink("environments/production/data", "../../data")
    repo.symlink("one", "two")
    repo.symlink("two", "./data/../data//common.yaml")
    repo.symlink("through", "environments/production/data/sub/x.yaml")
    repo.symlink("bin/run", "../run.sh")
    repo.symlink("data/sub/up.yaml", "../common.yaml")
    tree = export()
    assert tree.read("environments/production/data/common.yaml") == b"a: 1\n"
    assert tree.read("environments/production/data/sub/up.yaml") == b"a: 1\n"
    assert tree.read("one") == tree.read("two") == b"a: 1\n"
    assert tree.read("through") == b"x: 1\n"
    assert tree.mode("bin/run") == 0o755
    assert not any(os.path.islink(os.path.join(folder, n)) for folder, d, f in os.walk(tree.root) for n in d + f)


def test_links_and_submodules_that_are_not_exported_are_errors_when_read(repo, export):
    repo.write("data/a.yaml", "a: 1\n")
    repo.symlink("data/passwd.yaml", "/etc/passwd")
    repo.symlink("data/up.yaml", "../../outside")
    repo.symlink("data/far.yaml", "../data/../../x")
    repo.symlink("data/hop.yaml", "passwd.yaml")
    repo.symlink("gone", "nowhere")
    repo.symlink("self", "self")
    repo.symlink("data/above", "..")
    repo.symlink("data/same", ".")
    repo.symlink("under", "data/a.yaml/x")
    repo.git("update-index", "--add", "--cacheinfo", f"160000,{'1' * 40},modules/apache")
    repo.git("add", "data", "gone", "self", "under")
    repo.git("commit", "-qm", "odd")
    repo.git("push", "-q", "origin", "HEAD:refs/heads/main")
    tree = export(repo.head)
    for path in ("data/passwd.yaml", "data/up.yaml", "data/far.yaml", "data/hop.yaml"):
        assert code_of(tree.read, path) == "escaping-link"
        assert code_of(tree.is_file, path) == "escaping-link"
    for path in ("gone", "under"):
        assert code_of(tree.read, path) == "dangling-link"
    for path in ("self", "data/above", "data/above/data/a.yaml", "data/same/a.yaml"):
        assert code_of(tree.read, path) == "link-loop"
    assert code_of(tree.read, "modules/apache/manifests/init.pp") == "submodule"
    assert code_of(tree.is_dir, "modules/apache") == "submodule"
    assert code_of(tree.names, "modules/apache/manifests") == "submodule"
    assert tree.read("data/a.yaml") == b"a: 1\n"
    assert "passwd.yaml" in tree.names("data")
    assert "data/passwd.yaml" in tree.glob("data/*.yaml")
    with pytest.raises(OSError):
        open(os.path.join(tree.root, "data/passwd.yaml")).close()


def test_links_to_a_link_that_multiplies_are_bounded(repo, mirror, exports, monkeypatch):
    monkeypatch.setattr(layout, "MOST_ENTRIES", 2000)
    repo.write("l0/f", "x")
    for number in range(1, 12):
        for side in "ab":
            repo.symlink(f"l{number}/{side}", f"../l{number - 1}")
    sha = repo.commit("bomb", push=True)
    mirror.fetch()
    with pytest.raises(TrustError) as failure:
        exports.export(sha)
    assert failure.value.problems[0].code == "tree-size"


@pytest.mark.parametrize("name", ["..", ".GIT", "git~1", ".git\u200c", ".", ".git. "])
def test_names_that_mean_something_else_are_refused(name):
    with pytest.raises(DataError) as failure:
        layout._checked(f"a/{name}/b".encode())
    assert failure.value.problems[0].location is not None
    assert failure.value.problems[0].code == "entry-name"


def test_a_tree_with_dot_git_is_not_even_fetched(repo, mirror):
    blob = repo.git("hash-object", "-w", "--stdin", data=b"x")
    inner = repo.git("mktree", data=f"100644 blob {blob}\tconfig\n".encode())
    tree = repo.git(
        "hash-object", "-t", "tree", "-w", "--literally", "--stdin", data=b"40000 .git\0" + bytes.fromhex(inner)
    )
    sha = repo.git("commit-tree", tree, "-m", "evil")
    repo.git("push", "-q", "origin", f"{sha}:refs/heads/main")
    with pytest.raises(TrustError) as failure:
        mirror.fetch()
    assert failure.value.problems[0].code == "bad-object"


def test_the_last_ones_are_kept_and_one_in_use_stays(repo, export, tmp_path):
    held = export(files={"a": "0"})
    first = repo.head
    names = []
    for number in range(1, 4):
        export(files={"a": str(number)})
        names.append(repo.head)
    kept = {name for name in os.listdir(tmp_path / "trees") if len(name) == 40}
    assert kept == {first, *names[1:]}
    assert held.read("a") == b"0"
    del held
    export(files={"a": "9"})
    kept = {name for name in os.listdir(tmp_path / "trees") if len(name) == 40}
    assert kept == {names[2], repo.head}


def test_half_an_export_is_made_anew(repo, mirror, exports, tmp_path):
    sha = repo.commit("one", {"a": "1", "b": "2"}, push=True)
    mirror.fetch()
    half = tmp_path / "trees" / sha
    half.mkdir(parents=True)
    (half / "a").write_text("cut")
    left = tmp_path / "trees" / ".new-left"
    left.mkdir()
    (left / "x").mkdir(mode=0o555)
    tree = exports.export(sha)
    assert (tree.read("a"), tree.read("b")) == (b"1", b"2")
    assert not left.exists()


def test_an_export_of_an_earlier_boot_is_made_anew(repo, export, exports, tmp_path, monkeypatch):
    tree = export(files={"a": "whole", "b": "1"})
    cut = os.path.join(tree.root, "a")
    os.chmod(cut, 0o600)
    os.truncate(cut, 0)
    assert exports.export(repo.head).read("a") == b""
    record = tmp_path / "trees" / f"{repo.head}.json"
    now = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    assert now in record.read_text()
    record.write_text(record.read_text().replace(now, "another boot"))
    assert exports.export(repo.head).read("a") == b"whole"
    assert now in record.read_text()


def test_five_thousand_files_are_quick(repo, mirror, exports, capsys):
    for number in range(5000):
        repo.write(f"data/{number % 50}/{number}.yaml", f"k: {number}\n")
    sha = repo.commit("many", push=True)
    mirror.fetch()
    start = time.monotonic()
    tree = exports.export(sha)
    seconds = time.monotonic() - start
    with capsys.disabled():
        print(f"\nexport of 5000 files: {seconds:.2f} s")
    assert len(tree.glob("data/*/*.yaml")) == 5000
