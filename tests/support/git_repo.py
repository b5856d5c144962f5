"""Real signed repositories: keys, commits, merges, reverts, force-pushes, and a bare remote.

::

    def test_it(keyring, git_repo):          # fixtures; `keyring` lives for the whole session
        ann = keyring.gpg("ann")             # ed25519, no passphrase; the same name gives the same key
        repo = git_repo(policy=[ann])        # a work tree, its bare remote, and a pushed, signed introduction
        sha = repo.commit("motd", {"manifests/site.yaml": "..."}, key=ann, push=True)
        repo.revert(sha, key=ann, push=True)
        repo.url                             # file:///... of the bare remote; repo.introduction, repo.trust()
"""

import contextlib
import os
import shutil
import subprocess
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

import pytest

BASE_ENV = {
    "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    "HOME": "/nonexistent",
    "LC_ALL": "C",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "GIT_TERMINAL_PROMPT": "0",
}


def run(*argv, env=None, data=None, cwd=None, check=True):
    """Run ``argv`` with a clean environment; return its standard output as text, or fail with what it said."""
    done = subprocess.run(
        [str(part) for part in argv],
        env={**BASE_ENV, **(env or {})},
        input=data,
        cwd=cwd,
        capture_output=True,
        check=False,
    )
    if check and done.returncode:
        raise AssertionError(f"{argv} ended with {done.returncode}: {done.stderr.decode(errors='replace')}")
    return done.stdout.decode(errors="surrogateescape")


@dataclass(frozen=True)
class Key:
    """A signing key. ``public`` is what goes into ``trust/keys``; ``fingerprint`` what the policy lists."""

    name: str
    kind: str  # "gpg" or "ssh"
    fingerprint: str
    public: str
    settings: dict = field(default_factory=dict, hash=False, compare=False)
    environment: dict = field(default_factory=dict, hash=False, compare=False)
    home: str = ""

    @property
    def file(self):
        """The file name of the public key below ``trust/keys``."""
        return f"{self.name}.asc" if self.kind == "gpg" else f"{self.name}.pub"


class KeyRing:
    """Makes keys in short private directories, each gpg key in a GNUPGHOME of its own."""

    def __init__(self):
        self._root = tempfile.mkdtemp(prefix="fhk", dir="/tmp")
        self._keys = {}

    def gpg(self, name, algorithm="ed25519", expires="never", options=()):
        """Return the gpg signing key ``name``, made at the first call; ``expires`` as gpg takes it."""
        if name not in self._keys:
            home = self._home(name)
            user = f"{name.title()} <{name}@example.org>"
            self._run_gpg(home, *options, "--passphrase", "", "--quick-generate-key", user, algorithm, "sign", expires)
            self._keys[name] = self._gpg_key(name, home)
        return self._keys[name]

    def ssh(self, name):
        """Return the ssh (ed25519) signing key ``name``; its public text is a line of allowed_signers."""
        if shutil.which("ssh-keygen") is None:
            pytest.skip("ssh-keygen is not installed (Debian: openssh-client)")
        if name not in self._keys:
            path = os.path.join(self._root, name)
            run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", name, "-f", path)
            fingerprint = run("ssh-keygen", "-lf", path + ".pub").split()[1]
            kind, blob, *_ = Path(path + ".pub").read_text().split()
            settings = {"gpg.format": "ssh", "user.signingKey": path}
            public = f'{name}@example.org namespaces="git" {kind} {blob}\n'
            self._keys[name] = Key(name, "ssh", fingerprint, public, settings, home=path)
        return self._keys[name]

    def revoked(self, key):
        """Return ``key`` with its revocation in the public text; its private half still signs."""
        home = self._home(key.name + "-revoked")
        certificate = Path(key.home, "openpgp-revocs.d", key.fingerprint + ".rev").read_text()
        usable = certificate.replace(":-----BEGIN", "-----BEGIN")
        self._run_gpg(home, "--import", data=key.public.encode())
        self._run_gpg(home, "--import", data=usable.encode())
        public = self._run_gpg(home, "--armor", "--export", key.fingerprint)
        return Key(key.name, "gpg", key.fingerprint, public, key.settings, key.environment, key.home)

    def close(self):
        """End the agents and remove every key."""
        for name in os.listdir(self._root):
            home = os.path.join(self._root, name)
            if os.path.isdir(home):
                run("gpgconf", "--homedir", home, "--kill", "all", check=False)
        shutil.rmtree(self._root, ignore_errors=True)

    def _home(self, name):
        home = os.path.join(self._root, name)
        os.makedirs(home, mode=0o700)
        Path(home, "gpg-agent.conf").write_text("s2k-count 65536\n")
        return home

    def _gpg_key(self, name, home):
        listing = self._run_gpg(home, "--with-colons", "--list-keys")
        fingerprint = next(line.split(":")[9] for line in listing.splitlines() if line.startswith("fpr:"))
        public = self._run_gpg(home, "--armor", "--export", fingerprint)
        settings = {"gpg.format": "openpgp", "user.signingKey": fingerprint + "!"}
        return Key(name, "gpg", fingerprint, public, settings, {"GNUPGHOME": home}, home)

    def _run_gpg(self, home, *argv, data=None):
        return run("gpg", "--homedir", home, "--batch", "--no-tty", "--quiet", *argv, data=data)


class GitRepo:
    """A work tree (``path``) and its bare remote (``bare``, ``url``). Every method returns full commit ids."""

    def __init__(self, root, branch="main"):
        self.path = Path(root, "work")
        self.bare = Path(root, "remote.git")
        self.url = f"file://{self.bare}"
        self.branch_name = branch
        self.introduction = ""
        self.introducer = None
        self._clock = 1_700_000_000
        run("git", "init", "-q", "--bare", "-b", branch, self.bare)
        run("git", "init", "-q", "-b", branch, self.path)
        self.git("remote", "add", "origin", self.url)

    def git(self, *argv, key=None, env=None, data=None, check=True):
        """Run git in the work tree, signing with ``key`` where the command signs; return its output, stripped."""
        settings = {"user.name": "Ann Author", "user.email": "ann@example.org", "commit.gpgSign": "false"}
        settings["advice.detachedHead"] = "false"
        if key is not None:
            settings |= {**key.settings, "commit.gpgSign": "true"}
        options = [part for pair in settings.items() for part in ("-c", "=".join(pair))]
        environment = {**(key.environment if key else {}), **self._dates(), **(env or {})}
        return run("git", "-C", self.path, *options, *argv, env=environment, data=data, check=check).strip()

    def _dates(self):
        self._clock += 60
        return {"GIT_AUTHOR_DATE": f"{self._clock} +0000", "GIT_COMMITTER_DATE": f"{self._clock} +0000"}

    @property
    def head(self):
        """The commit the work tree is at."""
        return self.git("rev-parse", "HEAD")

    def write(self, path, content, *, executable=False):
        """Write one file of the work tree (text or bytes), its directories included."""
        target = self.path / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content.encode() if isinstance(content, str) else content)
        target.chmod(0o755 if executable else 0o644)

    def remove(self, path):
        """Remove one file or directory of the work tree."""
        target = self.path / path
        shutil.rmtree(target) if target.is_dir() else target.unlink()

    def symlink(self, path, target):
        """Make a symbolic link in the work tree."""
        (self.path / path).parent.mkdir(parents=True, exist_ok=True)
        os.symlink(target, self.path / path)

    def copy(self, directory):
        """Copy everything below ``directory`` into the work tree."""
        shutil.copytree(directory, self.path, dirs_exist_ok=True, symlinks=True)

    def set_policy(self, *keys, files=None):
        """Write ``trust/policy.yaml`` and ``trust/keys`` for ``keys`` (``files``: keys whose files lie there)."""
        shutil.rmtree(self.path / "trust", ignore_errors=True)
        rows = "".join(f"  - fingerprint: '{key.fingerprint}'\n    name: {key.name}\n" for key in keys)
        self.write("trust/policy.yaml", f"version: 1\nkeys:\n{rows}" if rows else "version: 1\nkeys: []\n")
        for key in keys if files is None else files:
            self.write(f"trust/keys/{key.file}", key.public)

    def commit(self, message="change", files=None, *, key=None, push=False, env=None):
        """Commit everything in the work tree after writing ``files``; signed if ``key`` is given."""
        for path, content in (files or {}).items():
            self.write(path, content)
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-m", message, key=key, env=env)
        return self._done(push)

    def revert(self, *shas, key=None, push=False):
        """Revert ``shas``, a commit each."""
        self.git("revert", "--no-edit", *shas, key=key)
        return self._done(push)

    def branch(self, name, start="HEAD"):
        """Begin a branch at ``start`` and switch to it."""
        self.git("checkout", "-q", "-b", name, start)

    def switch(self, name):
        """Switch the work tree to a branch or commit."""
        self.git("checkout", "-q", name)

    def merge(self, name, *, key=None, push=False):
        """Merge a branch with a merge commit."""
        self.git("merge", "-q", "--no-ff", "--no-edit", "--allow-unrelated-histories", name, key=key)
        return self._done(push)

    def reset(self, sha):
        """Throw away what came after ``sha``; push it with ``push(force=True)``."""
        self.git("reset", "-q", "--hard", sha)
        return sha

    def tag(self, name, *, key=None, sha="HEAD"):
        """Make an annotated tag, signed if ``key`` is given, and push it."""
        self.git("tag", "-s" if key else "-a", "-m", name, name, sha, key=key)
        self.git("push", "-q", "origin", f"refs/tags/{name}")

    def push(self, *, force=False):
        """Push HEAD to the remote's branch."""
        self.git("push", "-q", *(["--force"] if force else []), "origin", f"HEAD:refs/heads/{self.branch_name}")
        return self.head

    def introduce(self, *keys, key=None, files=None):
        """Commit the policy of ``keys``, signed with ``key`` (the first of them), push it, and remember it."""
        self.set_policy(*keys)
        self.introducer = key or keys[0]
        self.introduction = self.commit("introduce trust", files, key=self.introducer, push=True)
        return self.introduction

    def trust(self, mode="signed"):
        """Return the ``trust`` section of a node's configuration for this repository."""
        if mode == "unsigned":
            return {"mode": mode}
        return {"mode": mode, "introduction": {"commit": self.introduction, "signer": self.introducer.fingerprint}}

    def raw_commit(self, data):
        """Write a commit object of exactly these bytes, unchecked, and move the branch to it."""
        sha = self.git("hash-object", "-t", "commit", "-w", "--literally", "--stdin", data=data)
        self.git("update-ref", "--no-deref", "HEAD", sha)
        return sha

    def _done(self, push):
        return self.push() if push else self.head


@pytest.fixture(scope="session")
def keyring():
    """Signing keys for the whole session: ``keyring.gpg("ann")``, ``keyring.ssh("bob")``."""
    ring = KeyRing()
    yield ring
    with contextlib.suppress(OSError):
        ring.close()


@pytest.fixture
def git_repo(tmp_path):
    """Return a function that makes a :class:`GitRepo`, introduced if ``policy`` lists keys."""
    made = []

    def make(policy=(), branch="main", files=None):
        root = tmp_path / f"repo{len(made)}"
        root.mkdir()
        repo = GitRepo(root, branch)
        made.append(repo)
        if policy:
            repo.introduce(*policy, files=files)
        return repo

    return make
