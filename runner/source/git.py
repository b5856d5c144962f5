"""The one door to git: fixed argument lists, an environment built from nothing, a deadline, bounded output.

Nothing of the caller's environment or of anybody's git configuration reaches git: no hooks, filters, prompts,
submodules, replace refs or credential helpers. Settings travel in ``GIT_CONFIG_KEY_n``, so that no argument list ever
holds a credential. GitPython is used as a wrapper of the process and for nothing else; whatever must be quick starts
the same process plainly, because importing GitPython takes longer than asking a remote for one ref.
"""

from __future__ import annotations

import base64
import contextlib
import os
import selectors
import shlex
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from typing import IO, Final, cast

import msgspec

from hiera.errors import FreeholdError, TrustError, UsageError
from hiera.values import Secret
from runner.source.address import Credentials, scrub

PATH: Final = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
TRANSPORTS: Final = ("ssh", "https", "file")
OUTPUT_LIMIT: Final = 64 * 1024 * 1024
FILE_LIMIT: Final = 4 * 1024 * 1024 * 1024
_PROXIES: Final = ("http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY", "no_proxy", "NO_PROXY")

BENIGN: Final = (
    "badTimezone",
    "missingEmail",
    "missingNameBeforeEmail",
    "missingSpaceBeforeDate",
    "missingSpaceBeforeEmail",
    "zeroPaddedDate",
    "zeroPaddedFilemode",
)
"""Findings of fsck that old tools left in honest histories and that change nothing in how an object is read."""

_SETTINGS: Final = {
    "core.hooksPath": "/dev/null",
    "core.fsmonitor": "false",
    "core.commitGraph": "false",
    "core.attributesFile": "/dev/null",
    "core.askPass": "",
    "credential.helper": "",
    "protocol.ext.allow": "never",
    "http.followRedirects": "false",
    "http.sslVerify": "true",
    "transfer.fsckObjects": "true",
    "fetch.fsckObjects": "true",
    "receive.fsckObjects": "true",
    "transfer.bundleURI": "false",
    "fetch.recurseSubmodules": "false",
    "fetch.writeCommitGraph": "false",
    "fetch.unpackLimit": "1",
    "submodule.recurse": "false",
    "gc.auto": "0",
    "maintenance.auto": "false",
    "log.showSignature": "false",
    **{f"fetch.fsck.{finding}": "warn" for finding in BENIGN},
}


class Unreachable(FreeholdError):  # noqa: N818  a state of the remote, not a mistake
    """The remote could not be asked; the node goes on with the last good tree. Fatal only if there is none."""

    exit_code = 12


class Result(msgspec.Struct, frozen=True):
    """What a git process left: its exit code, its output, and its messages fit to be shown."""

    code: int
    out: bytes
    err: str


class Git:
    """Runs git on one repository."""

    def __init__(self, directory: str, credentials: Credentials | None = None) -> None:
        self.directory = directory
        self.credentials = credentials or Credentials()
        self.credentials.check()

    def run(
        self,
        *arguments: str,
        data: bytes = b"",
        seconds: float = 120,
        settings: Mapping[str, str] | None = None,
        environment: Mapping[str, str] | None = None,
        wrapped: bool = False,
        url: str | None = None,
        limit: int = OUTPUT_LIMIT,
    ) -> Result:
        """Run git with ``arguments`` and return what it left, whatever its exit code.

        ``url`` is the remote that is talked to, for its credentials; ``wrapped`` goes through GitPython. When
        ``seconds`` are over, or more than ``limit`` bytes come, every process of the group is killed and
        ``Unreachable`` (``git-deadline``) or ``TrustError`` (``git-output``) raised.
        """
        process = self.start(
            *arguments, settings=settings, environment=environment, wrapped=wrapped, url=url, stdin=bool(data)
        )
        return _collect(process, data, seconds, limit, arguments[0])

    def start(
        self,
        *arguments: str,
        settings: Mapping[str, str] | None = None,
        environment: Mapping[str, str] | None = None,
        wrapped: bool = False,
        url: str | None = None,
        stdin: bool = False,
    ) -> subprocess.Popen[bytes]:
        """Start git in a process group of its own, with pipes, and return the process."""
        argv = ["git", f"--git-dir={self.directory}", *arguments]
        env = {**_environment(self.credentials, url, settings or {}), **(environment or {})}
        spawn = _spawn_wrapped if wrapped else _spawn
        try:
            process = spawn(argv, env, subprocess.PIPE if stdin else subprocess.DEVNULL)
        except FileNotFoundError:
            raise UsageError.of("git-missing", "git is not installed", hint="install the package 'git'") from None
        _bound_files(process.pid)
        return process


def _spawn(argv: Sequence[str], env: Mapping[str, str], stdin: int) -> subprocess.Popen[bytes]:
    """Start ``argv`` plainly, with ``env`` and nothing else."""
    return subprocess.Popen(
        argv,
        env=env,
        cwd="/",
        stdin=stdin,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )


def _spawn_wrapped(argv: Sequence[str], env: Mapping[str, str], stdin: int) -> subprocess.Popen[bytes]:
    """Start ``argv`` through GitPython, which would add the caller's environment: ``env -u`` takes it away again."""
    os.environ.setdefault("GIT_PYTHON_REFRESH", "quiet")
    import git  # noqa: PLC0415  70 ms, which only a fetch pays

    unwanted = [part for name in os.environ if name not in env for part in ("-u", name)]
    held = git.Git("/").execute(
        ["env", *unwanted, *argv],
        istream=stdin,
        as_process=True,
        env=dict(env),
        start_new_session=True,
    )
    process, held.proc = held.proc, None
    return cast("subprocess.Popen[bytes]", process)


def _bound_files(pid: int) -> None:
    """Bound what any process of this group may write to one file, so that no remote fills the disk."""
    import resource  # noqa: PLC0415  small, yet not needed by a run that asks nothing

    with contextlib.suppress(ProcessLookupError, PermissionError, ValueError):
        _, hard = resource.prlimit(pid, resource.RLIMIT_FSIZE)
        most = FILE_LIMIT if hard == resource.RLIM_INFINITY else min(FILE_LIMIT, hard)
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (most, hard))


def _environment(credentials: Credentials, url: str | None, settings: Mapping[str, str]) -> dict[str, str]:
    """Return the whole environment of a git process."""
    env = {
        "PATH": PATH,
        "HOME": "/nonexistent",
        "LC_ALL": "C",
        "LANGUAGE": "C",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": "/dev/null",
        "GIT_ATTR_NOSYSTEM": "1",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_ALLOW_PROTOCOL": ":".join(TRANSPORTS),
        "GIT_NO_REPLACE_OBJECTS": "1",
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_PAGER": "cat",
    }
    pairs = {**_SETTINGS, **settings}
    if url is not None:
        env |= {name: os.environ[name] for name in _PROXIES if name in os.environ}
        env |= _ssh_environment(credentials)
        if url.startswith("https://"):
            pairs |= _https_settings(credentials, url)
    env["GIT_CONFIG_COUNT"] = str(len(pairs))
    for number, (key, value) in enumerate(pairs.items()):
        env[f"GIT_CONFIG_KEY_{number}"] = key
        env[f"GIT_CONFIG_VALUE_{number}"] = value
    return env


def _ssh_environment(credentials: Credentials) -> dict[str, str]:
    """Return the variables that make git use ssh without questions, with pinned host keys."""
    options = ["BatchMode=yes", "StrictHostKeyChecking=yes", "ConnectTimeout=20", "ServerAliveInterval=15"]
    options += ["ClearAllForwardings=yes", "PermitLocalCommand=no", "UpdateHostKeys=no"]
    argv = ["ssh"]
    env = {"GIT_SSH_VARIANT": "ssh"}
    if credentials.known_hosts:
        options += [f'UserKnownHostsFile="{credentials.known_hosts}"', "GlobalKnownHostsFile=/dev/null"]
    if credentials.ssh_key:
        argv += ["-F", "/dev/null", "-i", credentials.ssh_key]
        options += ["IdentitiesOnly=yes", "IdentityAgent=none"]
    elif "SSH_AUTH_SOCK" in os.environ:
        env["SSH_AUTH_SOCK"] = os.environ["SSH_AUTH_SOCK"]
    argv += [part for option in options for part in ("-o", option)]
    return env | {"GIT_SSH_COMMAND": shlex.join(argv)}


def _https_settings(credentials: Credentials, url: str) -> dict[str, str]:
    """Return the settings that open an https remote; the header is bound to its host."""
    settings = {"http.sslCAInfo": credentials.ca_file} if credentials.ca_file else {}
    if credentials.token_file:
        token = _read_token(credentials.token_file)
        pair = f"{credentials.username}:{token.reveal()}".encode()
        host = "/".join(url.split("/", 3)[:3])
        settings[f"http.{host}/.extraHeader"] = f"Authorization: Basic {base64.b64encode(pair).decode()}"
    return settings


def _read_token(path: str) -> Secret:
    """Return the token kept in ``path``. Raises ``UsageError`` (``credentials-file``)."""
    try:
        with open(path, encoding="utf-8") as stream:
            token = stream.read(65536).strip()
    except (OSError, UnicodeDecodeError):
        token = ""
    if not token or not token.isprintable():
        raise UsageError.of("credentials-file", f"credentials: no token can be read from '{path}'")
    return Secret(token, origin=path)


def kill_group(process: subprocess.Popen[bytes]) -> None:
    """End ``process`` with everything it started; whoever reads from it sees the end."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


def reap_group(process: subprocess.Popen[bytes]) -> None:
    """End ``process`` with everything it started, wait for it, and close its pipes."""
    kill_group(process)
    process.wait()
    for stream in (process.stdin, process.stdout, process.stderr):
        if stream is not None:
            with contextlib.suppress(BrokenPipeError):
                stream.close()


def _collect(process: subprocess.Popen[bytes], data: bytes, seconds: float, limit: int, name: str) -> Result:
    """Feed ``data`` to the process, read what it says within the bounds, and reap it."""
    try:
        out, err = _pump(process, data, time.monotonic() + seconds, limit, name)
        code = process.wait(timeout=10)
    except subprocess.TimeoutExpired:
        raise Unreachable.of("git-deadline", f"git {name} did not end in time and was stopped") from None
    finally:
        reap_group(process)
    return Result(code, out, scrub(err.decode("utf-8", "replace")))


def _pump(process: subprocess.Popen[bytes], data: bytes, end: float, limit: int, name: str) -> tuple[bytes, bytes]:
    """Move bytes in and out of the process until both its outputs end."""
    heard: dict[int, list[bytes]] = {}
    pending = memoryview(data)
    size = 0
    with selectors.DefaultSelector() as selector:
        for stream in (process.stdout, process.stderr):
            heard[cast("IO[bytes]", stream).fileno()] = []
            selector.register(cast("IO[bytes]", stream), selectors.EVENT_READ)
        if process.stdin is not None:
            os.set_blocking(process.stdin.fileno(), False)
            selector.register(process.stdin, selectors.EVENT_WRITE)
        while selector.get_map():
            ready = selector.select(max(0.0, end - time.monotonic()))
            if not ready or time.monotonic() > end:
                raise Unreachable.of("git-deadline", f"git {name} did not end in time and was stopped")
            for key, _ in ready:
                if key.fileobj is process.stdin:
                    pending = _feed(process, selector, pending)
                    continue
                piece = os.read(key.fd, 1 << 16)
                if not piece:
                    selector.unregister(key.fileobj)
                heard[key.fd].append(piece)
                size += len(piece)
            if size > limit:
                raise TrustError.of("git-output", f"git {name} said more than {limit} bytes and was stopped")
    return tuple(b"".join(pieces) for pieces in heard.values())  # type: ignore[return-value]  # exactly two streams


def _feed(process: subprocess.Popen[bytes], selector: selectors.BaseSelector, pending: memoryview) -> memoryview:
    """Write some of ``pending`` to the process and return the rest; close its input after the last byte."""
    stdin = cast("IO[bytes]", process.stdin)
    try:
        pending = pending[os.write(stdin.fileno(), pending[: 1 << 16]) :]
    except BrokenPipeError:
        pending = pending[:0]
    if not pending:
        selector.unregister(stdin)
        stdin.close()
    return pending
