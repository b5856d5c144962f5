"""The command bake: an image that is converged before it is ever booted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from hiera.errors import UsageError
from runner.cli.commits import exports
from runner.cli.given import Given, setting_options, waiting_time
from runner.cli.group import command
from runner.cli.reporting import tell
from runner.cli.timer import schedule_of

if TYPE_CHECKING:
    from runner.agent import RunResult
    from runner.image import Image
    from runner.reporters.base import Reporter


@command(
    "bake",
    exits=(0, 4, 10, 11, 12, 13, 14, 15, 70),
    examples=(
        "freehold bake --root /mnt --repo https://git.example.org/control.git -e production --role web \\",
        "    --trust signed --commit SHA --signer FINGERPRINT --timer 5m",
        "freehold bake --root /mnt --config web.yaml        the configuration that the nodes will have",
        "freehold bake --root / --config web.yaml           in a container or a machine that becomes an image",
    ),
)
@setting_options("config", "repo", "branch", "role", "noop", "show_diff", "max_prune")
@click.option("--node-from", metavar="WHERE", help="How nodes of the image are named: instance-id [or machine-id].")
@click.option("--trust", metavar="MODE", help="signed, signed-tip or unsigned; there is no default.")
@click.option("--commit", metavar="SHA", help="The commit trust begins with.")
@click.option("--signer", metavar="FINGERPRINT", help="The key that signed that commit.")
@click.option("--ssh-key", metavar="FILE", help="The key that opens the repository for this bake; not for the image.")
@click.option("--known-hosts", metavar="FILE", help="Where the repository's host key is listed, for this bake.")
@click.option("--token-file", metavar="FILE", help="The token that opens the repository over https, for this bake.")
@click.option("--ca-file", metavar="FILE", help="The certificate authority of the repository, for this bake.")
@click.option("--facts", metavar="FILE", help="Facts that all nodes of the image will have (YAML or JSON).")
@click.option("--timer", metavar="TIME", help="Let systemd start runs on the nodes, as `freehold timer --every`.")
@click.option("--confirm", is_flag=True, help="Agree to remove more than max_prune allows, of an image baked before.")
@click.option("--wait", metavar="TIME", default="0", help="Wait so long for another bake of this image to end [0].")
@click.pass_obj
def bake(given: Given, /, **asked: Any) -> int:
    """Apply a catalog to the image in --root, so that its nodes are converged when they first boot.

    Packages are installed in the image, services enabled and not started. Secrets stay sealed: what holds one, and what
    depends on it, is deferred to the first boot and listed. Nothing of this machine counts: neither its facts nor its
    configuration. In the end host keys, machine id and credentials are removed from the image.
    """
    from runner import image as images  # noqa: PLC0415  help needs none of it

    if "root" not in given.settings:
        raise UsageError.of("no-root", "--root is missing", hint="--root DIR names the image; --root / this system")
    schedule = schedule_of(asked["timer"])
    image = images.image(given.settings, given.config, asked)
    given.places += exports(image.baking.settings)
    return tell(given, lambda reporter: _bake(given, image, asked, schedule, reporter), detailed=False)


def _bake(given: Given, image: Image, asked: dict[str, Any], schedule: str, reporter: Reporter) -> RunResult:
    from runner import bake as work  # noqa: PLC0415  help needs none of it
    from runner.route import RunOptions  # noqa: PLC0415  likewise

    options = RunOptions(
        command="bake",
        noop=bool(given.settings.get("noop")),
        confirm=asked["confirm"],
        wait=waiting_time(asked["wait"]),
        show_diff=image.baking.settings.show_diff,
    )
    baked = work.bake(image.baking, options, reporter)
    if options.noop:
        return baked.result
    written = image.write()
    if schedule:
        from runner.systemd.timer import Timer  # noqa: PLC0415  only where it is asked for

        Timer(image.baking.settings.root, start=False).set(schedule)
    if not (given.json or given.quiet):
        for path in baked.scrubbed:
            click.echo(f"scrubbed {path}")
        click.echo(f"{'wrote' if written else 'unchanged:'} {image.path}")
    return baked.result
