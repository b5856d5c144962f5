"""The command init: a node's configuration, by options or by questions, or a new control repository."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

import click

from hiera.errors import UsageError
from runner.cli.given import Given, print_json, setting_options
from runner.cli.group import command
from runner.cli.timer import schedule_of

if TYPE_CHECKING:
    from hiera.values import Secret
    from runner.settings import Settings

MODES = ("signed", "signed-tip", "unsigned")
CREDENTIALS = ("ssh_key", "known_hosts", "token_file", "username", "ca_file")


@command(
    "init",
    exits=(0, 10, 12, 13),
    examples=(
        "freehold init                                             asks for everything",
        "freehold init --repo ssh://git@host/control.git -n web01 -e production --trust signed",
        "freehold init --repo file:///srv/control.git --node-from machine-id -e lab --trust unsigned --print",
        "freehold init --repo https://host/control.git --node-from instance-id -e production --trust signed --timer 5m",
        "freehold init --repo ssh://git@host/control.git -n web01 -e production --trust signed --credential",
        "freehold init --new my-repo                               a control repository to start from",
    ),
)
@setting_options("repo", "branch", "role")
@click.option("--node-from", metavar="WHERE", help="Name the node by machine-id or instance-id.")
@click.option("--trust", metavar="MODE", help="signed, signed-tip or unsigned; there is no default.")
@click.option("--commit", metavar="SHA", help="The commit trust begins with, if you know it already.")
@click.option("--signer", metavar="FINGERPRINT", help="The key that signed that commit.")
@click.option("--secrets", is_flag=True, help="Make a key pair for this node's secrets and print the public key.")
@click.option("--gnupghome", metavar="DIR", help="Where that key pair lives [beside the configuration].")
@click.option(
    "--passphrase-file", metavar="FILE", help="Protect that key by the passphrase in FILE, made if it is not there."
)
@click.option(
    "--credential", is_flag=True, help="Protect it by a passphrase that systemd keeps encrypted on this machine."
)
@click.option("--ssh-key", metavar="FILE", help="The key that opens the repository over ssh.")
@click.option("--known-hosts", metavar="FILE", help="Where the repository's host key is listed.")
@click.option("--token-file", metavar="FILE", help="The token that opens the repository over https.")
@click.option("--username", metavar="NAME", help="Whom the token belongs to [git].")
@click.option("--ca-file", metavar="FILE", help="The authority of the https server's certificate.")
@click.option("--timer", metavar="TIME", help="Let systemd start a run this often, as `freehold timer --every`.")
@click.option("--print", "only_print", is_flag=True, help="Print the configuration and write nothing.")
@click.option("--force", is_flag=True, help="Replace another configuration.")
@click.option("--new", "new", metavar="DIR", help="Make a small control repository in DIR instead.")
@click.option("-y", "--yes", is_flag=True, help="Take the signer that the remote shows without asking.")
@click.pass_obj
def init(given: Given, /, *, new: str | None, only_print: bool, force: bool, **asked: Any) -> None:
    """Write this node's configuration (0600), from options and, on a terminal, from questions.

    The same command twice changes nothing. With trust `signed` the newest commit's signer is shown for you to compare
    with what you were told by another way; that is the only time anything is taken on sight.
    """
    from runner import init as work  # noqa: PLC0415  help needs none of it

    if new is not None:
        _new(given, new)
        return
    from runner.settings import CONFIG  # noqa: PLC0415  likewise

    path = os.path.abspath(given.config or os.environ.get("FREEHOLD_CONFIG") or CONFIG)
    schedule_of(asked["timer"])  # a wrong period is told before anything is asked
    settings = _settings(given, path, asked)
    schedule = schedule_of(asked["timer"])
    content = work.text(settings)
    if only_print:
        click.echo(content, nl=False)
        return
    work.check(path, content, replace=force)
    fingerprint, public = _key_pair(given, settings.get("secrets"))
    changed = work.write(path, content, replace=force)
    if schedule:
        from runner.systemd.timer import Timer  # noqa: PLC0415  only where it is asked for

        Timer(str(given.settings.get("root", "/"))).set(schedule)
    if given.json:
        print_json(
            {
                "config": path,
                "changed": changed,
                "fingerprint": fingerprint,
                "public_key": public,
                "timer": bool(schedule),
            }
        )
        return
    click.echo(f"{'wrote' if changed else 'unchanged:'} {path}")
    if public:
        click.echo(f"this node's secrets are encrypted to {fingerprint}; to the repository's secrets/keys:")
        click.echo(public, nl=False)
    if schedule:
        click.echo(f"systemd starts a run every {asked['timer']}; see `freehold timer`")
    click.echo("next: freehold run --noop --diff, then freehold run -t")


def _key_pair(given: Given, secrets: dict[str, str] | None) -> tuple[str, str]:
    """Return fingerprint and public key of what opens this node's secrets, made if need be; nothing if none is wanted.

    Raises ``UsageError``.
    """
    if not secrets:
        return "", ""
    from runner import custody  # noqa: PLC0415  only where it is asked for
    from runner.node_key import key_pair  # noqa: PLC0415  likewise

    phrase: Callable[[], Secret] | None = None
    if file := secrets.get("passphrase_file"):
        phrase = partial(custody.new_file, file)
    elif "passphrase_credential" in secrets:
        phrase = custody.new_credential
    found = key_pair(secrets["gnupghome"], str(given.settings.get("node", "node")), phrase)
    if "passphrase_credential" in secrets:
        custody.hand_over()
    return found


def _new(given: Given, directory: str) -> None:
    from runner.init import skeleton  # noqa: PLC0415  see init

    made = skeleton(directory)
    if given.json:
        print_json({"directory": os.path.abspath(directory), "files": made})
        return
    for name in made:
        click.echo(f"  {os.path.join(directory, name)}")
    click.echo(f"next: freehold validate --tree {directory}, then git init, sign and push; see its README.md")


def _settings(given: Given, path: str, asked: dict[str, Any]) -> dict[str, Any]:
    """Return what the file shall say, asking for what is missing. Raises ``UsageError`` with all that is."""
    said = given.settings
    node_from = asked["node_from"]
    found: dict[str, Any] = {
        "repo": said.get("repo") or _ask("the repository's URL"),
        "branch": said.get("branch"),
        "environment": said.get("environment") or _ask("the environment", "production"),
        "node": {"from": node_from} if node_from else said.get("node") or _ask("this node's name"),
        "role": said.get("role"),
        "root": said.get("root"),
        "state_dir": said.get("state_dir"),
        "credentials": _credentials(asked) or None,
    }
    mode: str = asked["trust"] or _ask(f"whom to trust ({', '.join(MODES)})", "signed") or ""
    _complain(found, mode)
    checked = _checked({key: value for key, value in found.items() if value is not None})
    found["trust"] = _trust(checked, mode, asked)
    if not said.get("repo"):
        _ask_more(asked)
    if any(asked[name] for name in ("secrets", "gnupghome", "passphrase_file", "credential")):
        found["secrets"] = _secrets(given, path, asked)
    return found


def _secrets(given: Given, path: str, asked: dict[str, Any]) -> dict[str, str]:
    """Return the section ``secrets``. Raises ``UsageError`` for options that exclude each other."""
    found = {"gnupghome": os.path.abspath(asked["gnupghome"] or os.path.join(os.path.dirname(path), "gnupg"))}
    if asked["credential"] and asked["passphrase_file"]:
        raise UsageError.of(
            "usage", "--credential goes with no --passphrase-file", hint="the passphrase stands in one place"
        )
    if asked["credential"] and given.settings.get("root", "/") != "/":
        raise UsageError.of(
            "usage", "--credential goes with no --root", hint="a credential is one machine's, not an image's"
        )
    if asked["passphrase_file"]:
        found["passphrase_file"] = os.path.abspath(asked["passphrase_file"])
    elif asked["credential"]:
        from runner.custody import CREDENTIAL  # noqa: PLC0415  only where it is asked for

        found["passphrase_credential"] = CREDENTIAL
    return found


def _ask_more(asked: dict[str, Any]) -> None:
    """Ask for what options alone say otherwise: whether there is to be a key pair, and a timer."""
    if not _person():
        return
    if not any(asked[name] for name in ("secrets", "gnupghome", "passphrase_file", "credential")):
        asked["secrets"] = click.confirm("make a key pair for this node's secrets?", default=True, err=True)
    if asked["timer"] is None and os.path.isdir("/run/systemd/system"):
        every = click.prompt("how often systemd shall start a run (no: not at all)", default="5m", err=True)
        asked["timer"] = None if every.strip().lower() in {"no", "n", "never"} else every


def _person() -> bool:
    """Say whether somebody is here to be asked."""
    return sys.stdin.isatty() and sys.stderr.isatty()


def _credentials(asked: dict[str, Any]) -> dict[str, str]:
    """Return what opens the repository; all but the user's name are files."""
    return {
        name: asked[name] if name == "username" else os.path.abspath(asked[name]) for name in CREDENTIALS if asked[name]
    }


def _ask(what: str, default: str | None = None) -> str | None:
    """Return a person's answer; without a terminal nobody is asked."""
    if not _person():
        return None
    answer: str = click.prompt(what, default=default, err=True)
    return answer


def _complain(found: dict[str, Any], mode: str) -> None:
    """Raise ``UsageError`` for everything nobody said."""
    options = {"repo": "--repo URL", "environment": "-e NAME", "node": "-n NAME, or --node-from machine-id"}
    missing = {name: option for name, option in options.items() if not found[name]}
    if mode not in MODES:
        missing["trust"] = f"--trust {'|'.join(MODES)}"
    if missing:
        problems = [
            UsageError.of("missing-setting", f"'{name}' is missing", hint=f"say {option}").problems[0]
            for name, option in missing.items()
        ]
        raise UsageError(*problems)


def _checked(found: dict[str, Any]) -> Settings:
    """Return ``found`` as settings, with nothing read from files. Raises ``UsageError``."""
    from runner.settings import load  # noqa: PLC0415  see init

    return load(found, environ={}, config=os.devnull)


def _trust(settings: Settings, mode: str, asked: dict[str, Any]) -> dict[str, Any]:
    """Return the section ``trust``, introduced by a person's word or on sight."""
    if mode == "unsigned":
        return {"mode": mode}
    commit, signer = asked["commit"], asked["signer"]
    if not (commit and signer):
        commit, signer = _on_sight(settings, asked)
    return {"mode": mode, "introduction": {"commit": commit, "signer": signer}}


def _on_sight(settings: Settings, asked: dict[str, Any]) -> tuple[str, str]:
    """Return the newest commit and its signer after a person compared the fingerprint."""
    from runner.init import introduction  # noqa: PLC0415  see init

    commit, signer, name = introduction(settings)
    if asked["signer"] and asked["signer"] != signer:
        message = f"{commit[:7]} is signed by {signer}, not by the key you named"
        raise UsageError.of("other-signer", message, hint="do not go on before you know why")
    click.echo(f"{settings.repo} {settings.branch} is at {commit}\nsigned by {signer} {name}".rstrip(), err=True)
    if asked["yes"] or asked["signer"]:
        return commit, signer
    if not sys.stdin.isatty():
        hint = f"compare it with what you were told, then add --signer {signer}"
        raise UsageError.of("unconfirmed-signer", "nobody is here to confirm the signer", hint=hint)
    click.confirm("is that the fingerprint you were told by another way?", abort=True, err=True)
    return commit, signer
