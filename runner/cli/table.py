"""Every command: where it stands, what it is for. ``--help`` reads this table and imports none of them."""

from __future__ import annotations

from typing import Final, NamedTuple


class Entry(NamedTuple):
    """A command: ``module:attribute`` below ``runner.cli`` and its line in ``freehold --help``."""

    place: str
    summary: str


SECTIONS: Final[dict[str, dict[str, Entry]]] = {
    "Set up": {
        "init": Entry("init:init", "write this node's configuration, or start a new control repository"),
        "timer": Entry("timer:timer", "let systemd start runs on this node, and how often"),
        "bake": Entry("bake:bake", "apply a catalog to an image, for nodes that are converged when they boot"),
        "apply": Entry("run:apply", "apply a manifest or a directory, with no git and no configuration"),
    },
    "Every day": {
        "run": Entry("run:run", "fetch, verify, compile and apply what this node shall be"),
        "plan": Entry("run:plan", "show what a run would change, and how sure that is"),
        "daemon": Entry("daemon:daemon", "run at a period where there is no systemd timer"),
        "status": Entry("status:status", "say where this node stands, and why it is behind"),
    },
    "Look": {
        "why": Entry("why:why", "say which commit, person and line asked for a thing"),
        "log": Entry("log:log", "list the runs, newest first"),
        "show": Entry("log:show", "show what one run did"),
        "facts": Entry("facts:facts", "print the facts of this machine"),
    },
    "Write manifests and data": {
        "compile": Entry("compile:compile_", "print the catalog of a node"),
        "diff-catalog": Entry("diff_catalog:diff_catalog", "show what a revision changes in the catalogs of nodes"),
        "validate": Entry("compile:validate", "check a control repository and report every problem"),
        "lookup": Entry("lookup:lookup", "look a key up in Hiera, and explain the answer"),
        "hiera": Entry("hiera:hiera", "check the data, and compare a key over all nodes"),
        "vendor": Entry("vendor:vendor", "fetch the modules of a Puppetfile into the control repository"),
        "secret": Entry("secret:secret", "write, read and audit encrypted values"),
    },
    "Steer this node": {
        "pin": Entry("pin:pin", "stay at an accepted commit for a while"),
        "unpin": Entry("pin:unpin", "follow the branch again"),
        "rollback": Entry("pin:rollback", "go back to the last good commit for four hours"),
        "pause": Entry("pin:pause", "apply nothing for a while"),
        "resume": Entry("pin:resume", "end a pause"),
        "release": Entry("release:release", "stop managing this node, restoring or keeping what it is"),
    },
    "More": {
        "completion": Entry("completion:completion", "print the completion script of a shell"),
        "version": Entry("version:version", "print the version of Freehold and of what it stands on"),
    },
}

COMMANDS: Final[dict[str, Entry]] = {name: entry for section in SECTIONS.values() for name, entry in section.items()}
