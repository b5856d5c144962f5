"""Verdicts on signatures: one, of one known key, over exactly these bytes, and by no word of the caller's keyring.

The keys of one policy are put into a throw-away GNUPGHOME and an ``allowed_signers`` file; git verifies against them,
and the verdict is read from gpg's VALIDSIG record or from the key inside the ssh signature, always as a full
fingerprint. git's own summary letter is not asked: it says U for strangers' ssh keys and for unrated gpg keys alike.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from typing import Final, Literal

import msgspec

from runner.source.git import PATH, Git

_BEGIN: Final = {"gpg": "-----BEGIN PGP SIGNATURE-----", "ssh": "-----BEGIN SSH SIGNATURE-----"}
_STATUS: Final = "[GNUPG:] "
_GOOD_HASHES: Final = frozenset({"8", "9", "10", "11"})  # SHA-256, -384, -512, -224 (RFC 4880, 9.4)
_BINARY: Final = "00"  # the class of a signature over the bytes as they are (RFC 4880, 5.2.1)
_GPG_CONF: Final = """\
batch
no-tty
trust-model always
no-auto-key-locate
no-auto-key-retrieve
disable-dirmngr
no-autostart
lock-never
no-auto-check-trustdb
"""
_SSH_KEY: Final = re.compile(
    r"(?:^|\s)(ssh-ed25519|ssh-rsa|ecdsa-sha2-nistp(?:256|384|521)"
    r"|sk-ssh-ed25519@openssh\.com|sk-ecdsa-sha2-nistp256@openssh\.com)\s+([A-Za-z0-9+/]+=*)(?:\s|$)"
)


class Refused(Exception):  # noqa: N818  it is a verdict
    """Why a signature or a file of keys is not taken: a code and a reason that continues 'commit X'."""

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


class Signature(msgspec.Struct, frozen=True):
    """A signature that holds. ``fingerprint`` is the primary key's, ``key`` the one that signed."""

    kind: Literal["gpg", "ssh"]
    fingerprint: str
    key: str
    user: str = ""
    expired: bool = False


class Keyring:
    """The public keys of one policy in a private directory that lives as long as this object is open."""

    def __init__(self, files: Mapping[str, bytes]) -> None:
        """Take ``files`` by name. Raises ``Refused`` (``bad-key-file``) for what is no public key."""
        self.home = tempfile.mkdtemp(prefix="freehold-keys-")
        self.known: set[str] = set()
        self.revoked: set[str] = set()
        self._signers = os.path.join(self.home, "allowed_signers")
        try:
            self._load(files)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Remove the directory."""
        shutil.rmtree(self.home, ignore_errors=True)

    def _load(self, files: Mapping[str, bytes]) -> None:
        """Sort ``files`` into gpg keys and ssh signers and take them."""
        armored = []
        lines = []
        for name, data in files.items():
            if b"PRIVATE KEY" in data:
                raise Refused("bad-key-file", f"holds a private key in trust/keys/{name}")
            if b"-----BEGIN PGP PUBLIC KEY BLOCK-----" in data:
                armored.append(data)
            else:
                lines += self._ssh_lines(name, data)
        with open(self._signers, "w", encoding="utf-8") as stream:
            stream.writelines(lines)
        if armored:
            self._import(armored)

    def _ssh_lines(self, name: str, data: bytes) -> list[str]:
        """Return the signers that an ``allowed_signers`` or ``.pub`` file lists, noting their keys."""
        lines = []
        for row in data.decode("utf-8", "replace").splitlines():
            line = row.strip()
            if not line or line.startswith("#"):
                continue
            found = _SSH_KEY.search(line)
            if found is None or "cert-authority" in line[: found.start()]:
                raise Refused("bad-key-file", f"has no public key Freehold can use in trust/keys/{name}")
            self.known.add(_ssh_fingerprint(base64.b64decode(found[2] + "==")))
            lines.append(line + "\n" if found.start() else f"signer {line}\n")
        return lines

    def _import(self, armored: list[bytes]) -> None:
        """Import gpg keys into the private home and note which are known and which revoked."""
        with open(os.path.join(self.home, "gpg.conf"), "w", encoding="ascii") as stream:
            stream.write(_GPG_CONF)
        self._gpg("--import", data=b"\n".join(armored))
        listing = self._gpg("--with-colons", "--fixed-list-mode", "--list-keys").decode("utf-8", "replace")
        kind = validity = ""
        dead = False
        for row in listing.splitlines():
            fields = row.split(":")
            if fields[0] in {"pub", "sub"}:
                kind, validity = fields[0], fields[1]
                dead = validity == "r" or (kind == "sub" and dead)
            elif fields[0] == "fpr":
                (self.revoked if dead else set()).add(fields[9])
                if kind == "pub":
                    self.known.add(fields[9])

    def _gpg(self, *arguments: str, data: bytes = b"") -> bytes:
        """Run gpg on the private home and return what it prints."""
        env = {"PATH": PATH, "LC_ALL": "C", "GNUPGHOME": self.home}
        try:
            done = subprocess.run(
                ["gpg", "--quiet", *arguments], env=env, input=data, capture_output=True, timeout=60, check=False
            )
        except FileNotFoundError:
            raise Refused("gpg-missing", "cannot be verified: gpg is not installed") from None
        return done.stdout

    def verify(self, git: Git, sha: str, text: str, kind: Literal["commit", "tag"] = "commit") -> Signature:
        """Return the signature of the object ``sha``, whose armored text is ``text``. Raises ``Refused``."""
        form = _form(text)
        settings = {"gpg.ssh.allowedSignersFile": self._signers, "gpg.minTrustLevel": "undefined"}
        result = git.run(
            f"verify-{kind}", "--raw", sha, settings=settings, environment={"GNUPGHOME": self.home}, limit=1 << 20
        )
        if form == "ssh":
            return self._judge_ssh(text, result.code)
        return _judge_gpg(result.err)

    def _judge_ssh(self, text: str, code: int) -> Signature:
        """Return the verdict on an ssh signature that ``git verify-*`` ended with ``code`` for."""
        fingerprint = _signing_key(text)
        if fingerprint not in self.known:
            raise Refused("unknown-signer", f"is signed by {fingerprint}, which its parent's policy does not list")
        if code != 0:
            raise Refused("bad-signature", f"has a signature by {fingerprint} that does not hold")
        return Signature("ssh", fingerprint, fingerprint)


def _form(text: str) -> str:
    """Return gpg or ssh for the one signature in ``text``. Raises ``Refused``."""
    if not text:
        raise Refused("unsigned-commit", "is not signed")
    form = next((form for form, begin in _BEGIN.items() if text.startswith(begin)), None)
    if form is None:
        raise Refused("bad-signature", "is signed in a form Freehold does not take (gpg and ssh are taken)")
    if text.count("-----BEGIN ") != 1:
        raise Refused("bad-signature", "has more than one signature")
    return form


def _judge_gpg(err: str) -> Signature:
    """Return the verdict that gpg's status records give. Raises ``Refused``."""
    records: dict[str, list[list[str]]] = {}
    for line in err.splitlines():
        if line.startswith(_STATUS):
            word, *rest = line.removeprefix(_STATUS).split(" ")
            records.setdefault(word, []).append(rest)
    if len(records.get("NEWSIG", [])) > 1 or len(records.get("VALIDSIG", [])) > 1:
        raise Refused("bad-signature", "has more than one signature")
    if "NO_PUBKEY" in records:
        stranger = records.get("ERRSIG", [["", "", "", "", "", "", ""]])[0][-1]
        stranger = stranger if len(stranger) >= 40 else records["NO_PUBKEY"][0][0]
        raise Refused("unknown-signer", f"is signed by {stranger}, which its parent's policy does not list")
    if "REVKEYSIG" in records or "KEYREVOKED" in records:
        raise Refused("revoked-key", "is signed by a key that was revoked")
    if "EXPSIG" in records:
        raise Refused("expired-signature", "has a signature that was given a limit, which has passed")
    good = records.get("GOODSIG", []) + records.get("EXPKEYSIG", [])
    if len(good) != 1 or "VALIDSIG" not in records or "BADSIG" in records or "ERRSIG" in records:
        raise Refused("bad-signature", "has a signature that does not hold")
    return _read_validsig(records["VALIDSIG"][0], good[0], expired="EXPKEYSIG" in records)


def _read_validsig(fields: list[str], good: list[str], *, expired: bool) -> Signature:
    """Return the signature a VALIDSIG record describes (GnuPG, doc/DETAILS). Raises ``Refused``."""
    if len(fields) < 10:
        raise Refused("bad-signature", "has a signature gpg cannot describe")
    key, hashing, kind, primary = fields[0], fields[7], fields[8], fields[9]
    if hashing not in _GOOD_HASHES:
        raise Refused("weak-signature", "is signed over a hash that can be forged (SHA-1, MD5 or RIPEMD)")
    if kind != _BINARY:
        raise Refused("bad-signature", "has a signature of a class that is not for data")
    return Signature("gpg", primary.upper(), key.upper(), " ".join(good[1:]), expired)


def _signing_key(text: str) -> str:
    """Return the fingerprint of the key inside an armored ssh signature (OpenSSH, PROTOCOL.sshsig)."""
    body = "".join(line for line in text.splitlines() if not line.startswith("-----"))
    try:
        data = base64.b64decode(body, validate=True)
    except (binascii.Error, ValueError):
        data = b""
    size = int.from_bytes(data[10:14], "big")
    if not data.startswith(b"SSHSIG\0\0\0\1") or not 0 < size <= len(data) - 14:
        raise Refused("bad-signature", "has an ssh signature that cannot be read")
    return _ssh_fingerprint(data[14 : 14 + size])


def _ssh_fingerprint(blob: bytes) -> str:
    """Return the SHA256 fingerprint of a public key as ssh-keygen writes it."""
    return "SHA256:" + base64.b64encode(hashlib.sha256(blob).digest()).decode().rstrip("=")
