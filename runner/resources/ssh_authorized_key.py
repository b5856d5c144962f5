"""The type ``ssh_authorized_key``: a line of a user's ``authorized_keys``."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator, Sequence
from typing import Any, Final

from hiera.errors import Problem
from runner.resources.base import Identity, Missing, State, option, state
from runner.resources.file_entry import PATH_TYPE
from runner.resources.line_entry import LineEntry
from runner.resources.lines import Block, Owner
from runner.system.base import MachineError, Probe

_SHORT: Final = {"rsa": "ssh-rsa", "dsa": "ssh-dss", "ed25519": "ssh-ed25519"}
_TYPES: Final = (
    "ssh-rsa",
    "ssh-dss",
    "ssh-ed25519",
    "ssh-ed448",
    "ecdsa-sha2-nistp256",
    "ecdsa-sha2-nistp384",
    "ecdsa-sha2-nistp521",
    "sk-ssh-ed25519@openssh.com",
    "sk-ecdsa-sha2-nistp256@openssh.com",
    "ssh-rsa-cert-v01@openssh.com",
    "ssh-ed25519-cert-v01@openssh.com",
)
_ENTRY: Final = re.compile(
    r"\s*(?:(?P<options>(?:[^\s\"]|\"(?:\\.|[^\"\\])*\")+)\s+)??"
    rf"(?P<type>{'|'.join(map(re.escape, _TYPES))})\s+(?P<key>[A-Za-z0-9+/=]+)(?:\s+(?P<comment>.*?))?\s*"
)
_OPTION: Final = re.compile(r"(?:[^,\"]|\"(?:\\.|[^\"\\])*\")+")


class SshAuthorizedKey(LineEntry):
    """A key that may log in as a user, found by its comment."""

    kind = "ssh_authorized_key"

    ensure = state[str]("Enum['present', 'absent']", "whether the key shall be there", default="present")
    name_ = option[str](r"Pattern[/\A[^\n]+\z/]", "the comment of the key; the title if it is not given")
    type = state[str](f"Enum[{', '.join(repr(name) for name in (*_SHORT, *_TYPES))}]", "the algorithm of the key")
    key = state[str]("String[1]", "the key itself, in base64 as in the public key file")
    options_ = state[Any]("Variant[String, Array[String]]", "options of sshd(8) for this key")
    user = option[str]("String[1]", "whose authorized_keys")
    target = option[str](PATH_TYPE, "the file, if it is not ~/.ssh/authorized_keys")
    drop_privileges = option[bool]("Boolean", "accepted; links on the way to the file are refused instead")

    @property
    def identity(self) -> Identity:
        """See ``Resource``: the same comment in another file is another thing."""
        return (self.kind, f"{self.target or self.user}:{self.name}")

    def wanted(self) -> State | None:
        """See ``Resource``."""
        wish = super().wanted()
        if wish is None:
            return None
        if "type" in wish:
            wish["type"] = _SHORT.get(wish["type"], wish["type"])
        if "key" in wish:
            wish["key"] = wish["key"].strip()
        wish["options"] = _listed(wish.get("options"))
        return wish | {"line": "\n".join(self.render(wish))}

    def problems(self, probe: Probe) -> Iterator[Problem]:  # noqa: ARG002
        """Yield what is wrong with the key and where it shall stand."""
        here = self.declaration.location
        if self.user is None and self.target is None:
            yield Problem("missing-attribute", f"{self.ref} needs 'user' or 'target'", here)
        if "\n" in self.name or self.name != self.name.strip():
            yield Problem("bad-name", f"the name of {self.ref} holds a line end or outer blanks", here)
        if self.attributes.get("ensure") == "absent":
            return
        for attribute in ("type", "key"):
            if self.attributes.get(attribute) is None:
                yield Problem("missing-attribute", f"{self.ref} needs '{attribute}'", here)
        if self.key is not None and not _is_base64(self.key.strip()):
            yield Problem(
                "bad-key",
                f"'key' of {self.ref} is not base64",
                here,
                "give the middle field of the public key file alone",
            )

    def needs(self) -> Iterator[Identity]:
        """Yield the user, and the file and its directories if they are known."""
        if self.user is not None:
            yield ("user", self.user)
        if self.target is not None:
            yield ("file", self.target)
            yield from self.parents(self.target)

    def missing(self, probe: Probe) -> Iterator[Missing]:
        """Yield the user if unknown."""
        if self.user is not None and probe.uid(self.user) is None and self.attributes.get("ensure") != "absent":
            yield Missing("user", self.user, f"there is no user '{self.user}' to hold the key")

    def writes(self) -> Iterator[str]:
        """See ``Resource``; the usual homes, since the account may not exist yet."""
        if self.target is not None:
            yield self.target
        elif self.user is not None:
            yield f"{'/root' if self.user == 'root' else f'/home/{self.user}'}/.ssh/authorized_keys"

    def file(self, probe: Probe, state: State | None) -> str | None:
        """See ``LineEntry``. Raises ``MachineError`` if the user led a directory or the file elsewhere by a link."""
        if self.target is not None:
            return self.target
        home = probe.home(str(self.user))
        if home is None:
            if state is not None:
                raise MachineError(f"there is no user '{self.user}'")
            return None
        for path in (f"{home}/.ssh", f"{home}/.ssh/authorized_keys"):
            found = probe.lstat(path)
            if found is not None and found.kind == "link":
                raise MachineError(f"'{path}' is a link, which is not followed", hint="name the real file as `target`")
        return f"{home}/.ssh/authorized_keys"

    def owner(self, probe: Probe, state: State | None) -> Owner:  # noqa: ARG002
        """See ``LineEntry``."""
        if self.user is None or not probe.privileged:
            return Owner(0o600, directory_mode=0o700, adopt=self.target is None)
        home = probe.lstat(probe.home(self.user) or "/")
        uid = probe.uid(self.user)
        gid = probe.gid(self.user) if home is None or home.uid != uid else home.gid
        return Owner(0o600, uid, gid, directory_mode=0o700, adopt=self.target is None)

    def find(self, text: Sequence[str]) -> Block | None:
        """See ``LineEntry``."""
        for at, line in enumerate(text):
            if line.rstrip().endswith(self.name):
                parsed = _ENTRY.fullmatch(line)
                if parsed is not None and parsed["comment"] == self.name:
                    return Block(at, (line,))
        return None

    def landmarks(self, text: Sequence[str]) -> Sequence[str | None]:
        """See ``LineEntry``: the comment."""
        found = [_ENTRY.fullmatch(line) for line in text]
        return [entry["comment"] or line if entry else line for entry, line in zip(found, text, strict=True)]

    def parse(self, text: Sequence[str]) -> State:
        """See ``LineEntry``."""
        parsed = _ENTRY.fullmatch(text[0])
        if parsed is None:
            return {}
        options = [item.strip() for item in _OPTION.findall(parsed["options"] or "")]
        return {"type": parsed["type"], "key": parsed["key"], "options": options}

    def render(self, values: State) -> tuple[str, ...]:
        """See ``LineEntry``."""
        kind = str(values.get("type", ""))
        parts = [
            ",".join(_listed(values.get("options"))),
            _SHORT.get(kind, kind),
            str(values.get("key", "")),
            self.name,
        ]
        return (" ".join(part.strip() for part in parts if part),)


def _listed(value: Any) -> list[str]:
    """Return options as a list; one text may hold several."""
    if value is None:
        return []
    texts = [value] if isinstance(value, str) else value
    return [item.strip() for text in texts for item in _OPTION.findall(str(text))]


def _is_base64(text: str) -> bool:
    """Say whether ``text`` is well-formed base64 of something."""
    try:
        return bool(base64.b64decode(text, validate=True))
    except binascii.Error:
        return False
