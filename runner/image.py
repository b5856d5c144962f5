"""The configuration of an image: what its nodes will be told, and what a bake makes of it on this machine.

Paths in it are the nodes'. Nothing comes from the configuration or the environment of the machine that bakes.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from hiera.errors import Location, UsageError
from hiera.values import Value
from runner import init
from runner.bake import Baking, in_image
from runner.scope import BAKED
from runner.settings import CONFIG, Settings, load

STATE: Final = "/var/lib/freehold"
_OURS: Final = ("ssh_key", "known_hosts", "token_file", "ca_file")
_KEYS: Final = (
    ("credentials", ("ssh_key", "token_file")),
    ("secrets", ("gnupghome", "openpgp_key", "passphrase_file", "pkcs7_private_key", "age_identity")),
)
_USUAL: Final = ("/etc/freehold/gnupg",)


@dataclass(frozen=True, slots=True)
class Image:
    """What a bake works by, and the configuration it leaves in the image."""

    baking: Baking
    path: str
    content: str | None

    def write(self) -> bool:
        """Put the configuration into the image, unless its own was read; return whether anything changed."""
        return self.content is not None and init.write(self.path, self.content, replace=True)


def image(said: Mapping[str, Any], config: str | None, asked: Mapping[str, Any]) -> Image:
    """Return the image that the options of the command line and its configuration mean.

    ``config`` names the configuration that the nodes will have; without it the image's own counts, if it says
    something. Raises ``UsageError`` with everything that is wrong.
    """
    root = os.path.abspath(str(said["root"]))
    if not os.path.isdir(root):
        raise UsageError.of("bad-root", f"there is no directory '{said['root']}'", hint="--root names the image")
    place = in_image(root, CONFIG)
    source = config or (place if _says_something(place) else None)
    raw = _raw(source)
    trust = _trust(asked)
    node = str(said.get("node") or _fixed(raw) or BAKED)
    options = {**said, "root": root, "node": node, "trust": trust}
    options.pop("state_dir", None)
    found = load({k: v for k, v in options.items() if v is not None}, environ={}, config=source or os.devnull)
    found = found if source else replace(found, config="")  # nothing is wrong with /dev/null
    found.require("repo", "environment", "trust")
    state = in_image(root, str(said.get("state_dir") or raw.get("state_dir") or STATE))
    facts_dirs = raw.get("facts_dirs")
    settings = replace(
        found,
        state_dir=state,
        facts_dirs=tuple(in_image(root, str(path)) for path in facts_dirs)
        if isinstance(facts_dirs, list)
        else found.facts_dirs,
        credentials={key: os.path.abspath(asked[key]) for key in _OURS if asked.get(key)},
        noop=False,
        keep_trees=1,
    )
    content = _content(config, raw, said, settings, asked) if source != place else None
    return Image(Baking(settings, tuple(_secrets(raw)), _facts(asked.get("facts"))), place, content)


def _says_something(path: str) -> bool:
    """Say whether there is a configuration that sets anything: the one a package brings is all comments."""
    try:
        with open(path, encoding="utf-8", errors="replace") as stream:
            return any(row.strip() and not row.lstrip().startswith("#") for row in stream)
    except FileNotFoundError:
        return False
    except OSError as error:
        raise UsageError.of("config-unreadable", f"cannot be read: {error.strerror}", Location(path)) from None


def _raw(path: str | None) -> Mapping[str, Value]:
    """Return the configuration as it is written, {} if there is none. Raises ``UsageError``."""
    from runner.configuration import read  # noqa: PLC0415  a bake by options alone has none

    return read(path)[0] if path else {}


def _fixed(raw: Mapping[str, Value]) -> Value:
    """Return the node's name if the configuration gives it; one that is found on the machine is found at boot."""
    node = raw.get("node")
    return None if isinstance(node, dict) else node


def _trust(asked: Mapping[str, Any]) -> dict[str, Any] | None:
    mode, commit, signer = asked.get("trust"), asked.get("commit"), asked.get("signer")
    if mode is None:
        return None
    if mode == "unsigned":
        return {"mode": mode}
    if not (commit and signer):
        hint = "nothing is taken on sight in a bake: say both, as you were told them"
        raise UsageError.of("missing-setting", f"trust '{mode}' needs --commit and --signer", hint=hint)
    return {"mode": mode, "introduction": {"commit": commit, "signer": signer}}


def _content(
    config: str | None, raw: Mapping[str, Value], said: Mapping[str, Any], settings: Settings, asked: Mapping[str, Any]
) -> str:
    """Return the configuration for the image: the file that was given, or what the options say."""
    if config is not None:
        if sorted(name for name in ("repo", "environment", "trust") if name not in raw):
            hint = "the nodes need it as well: write it into the file, and leave the option out"
            raise UsageError.of(
                "incomplete-config", "the configuration for the image is not whole", Location(config), hint=hint
            )
        with open(config, encoding="utf-8") as stream:
            return stream.read()
    node: Value = said.get("node") or {"from": asked.get("node_from") or "instance-id"}
    return init.text({
        "repo": settings.repo,
        "branch": said.get("branch"),
        "environment": settings.environment,
        "node": node,
        "role": settings.role,
        "trust": dict(settings.trust or {}),
    })  # fmt: skip


def _secrets(raw: Mapping[str, Value]) -> list[str]:
    """Return the files that hold the keys of nodes, as nodes call them."""
    found = [str(section[key]) for name, keys in _KEYS for key in keys if key in (section := _mapping(raw.get(name)))]
    return [*dict.fromkeys([*found, *_USUAL])]


def _mapping(value: Value) -> Mapping[str, Value]:
    return value if isinstance(value, dict) else {}


def _facts(path: str | None) -> Mapping[str, Value]:
    if path is None:
        return {}
    from runner.facts.file import from_file  # noqa: PLC0415  few bakes are told facts

    return from_file(path)
