"""Whose ledger it is: a root directory, a node, a repository and an environment; an image's is anybody's (SEMANTICS 4).

An image is launched many times, so its ledger has no key: what it knows are plain digests of files that stand in the
image for everybody to read, never of a secret. The node that takes it over makes a key of its own and writes the
ledger anew with it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from hiera.errors import UsageError
from hiera.tree import digest_of
from manifests.catalog import PortableDigester
from runner.engine.converge import SETTLED
from runner.settings import Settings
from runner.store.records import Claim
from runner.store.state import StateDirectory
from runner.system.base import MachineError, Probe
from runner.system.local import LocalProbe

BAKED: Final = "baked"
"""The name of the node that an image is baked for, unless it is baked for one node alone."""

_PLAIN: Final = "sha256:"
_SWITCH: Final = "with --switch this run takes it over, and takes back what is not declared any more"
_MOVE: Final = "with --switch this run goes on with an empty ledger: what was managed in the other root stays as it is"
_NO_IMAGE: Final = "bake what was never a node, or begin anew: remove its state directory"


class ImageState(StateDirectory):
    """The state directory of an image: without a key."""

    @property
    def digester(self) -> PortableDigester:  # type: ignore[override]  # the other digester has the same one method
        """What turns bytes into digests in an image: plain ones. No secret gets into it."""
        return PortableDigester(b"")


def check(state: StateDirectory, settings: Settings, *, switch: bool, noop: bool, baking: bool = False) -> bool:
    """Take the ledger for this run's own; return whether it was an image's. Raises ``UsageError`` (``other-scope``).

    A ledger with nothing in it belongs to nobody: a name misspelt at the first run takes no `--switch` to mend.
    """
    scope: dict[str, Any] = {
        "root": "/" if baking else settings.root, "node": settings.node, "repo": settings.repo,
        "environment": settings.environment,
    }  # fmt: skip
    scope |= {"baked": True} if baking else {}
    known: dict[str, Any] | None = state.standing.recall("scope")
    if known == scope:
        return False
    image = known is not None and bool(known.get("baked"))
    if known is not None and state.ledger.count() and not switch:
        _compare(known, scope, image=image, baking=baking)
    if image and not baking:
        adopt(state, settings.root)
    if not noop or (image and not baking):
        _take(state, scope, known if not image else None)
    return image and not baking


def _compare(known: dict[str, Any], scope: dict[str, Any], *, image: bool, baking: bool) -> None:
    """Raise ``UsageError`` if the ledger is somebody else's. Of an image only the environment counts.

    Its root is the node's by now, its repository may have another address there, and descent is proven anyway.
    """
    if baking and not image:
        message = f"this is no image: the ledger here belongs to the node '{known.get('node')}'"
        raise UsageError.of("other-scope", message, hint=_NO_IMAGE)
    names = ("environment",) if image else ("root", "node", "repo", "environment")
    differing = [f"{name} '{known.get(name)}', now '{scope[name]}'" for name in names if known.get(name) != scope[name]]
    if differing:
        same_root = image or known.get("root") == scope["root"]
        message = f"the ledger here belongs to {'; '.join(differing)}"
        raise UsageError.of("other-scope", message, hint=_SWITCH if same_root else _MOVE)


def _take(state: StateDirectory, scope: dict[str, Any], before: dict[str, Any] | None) -> None:
    with state.database.transaction():
        state.standing.remember("scope", scope)
        state.standing.remember(SETTLED, None)
        if before is not None and before.get("root") != scope["root"]:
            state.ledger.close_things(list(state.ledger.things()))  # baselines of another tree


def adopt(state: StateDirectory, root: str) -> None:
    """Write an image's ledger anew with this node's own key. Doing so again, after a crash too, does no harm."""
    probe = LocalProbe(root)
    news: dict[str, str] = {}
    rows = []
    for claims in state.ledger.claims().values():
        for claim in claims.values():
            values = [claim.baseline, claim.applied, claim.previous]
            for value in values:
                if isinstance(value, str) and value.startswith(_PLAIN) and value not in news:
                    data = _bytes_of(value, claim, state, probe)
                    if data is not None:
                        news[value] = state.digester(data, secret=False)
                        if value == claim.baseline:
                            state.blobs.put(news[value], data)
            rows.append((claim, [_translated(value, news) for value in values]))
    state.blobs.flush()
    with state.database.transaction():
        state.ledger.rekey((claim, *values) for claim, values in rows)
    state.blobs.keep_only(state.ledger.digests())


def _translated(value: Any, news: dict[str, str]) -> Any:
    return news.get(value, value) if isinstance(value, str) else value


def _bytes_of(digest: str, claim: Claim, state: StateDirectory, probe: Probe) -> bytes | None:
    """Return the bytes behind a plain digest: a pre-image, or the file itself as it stands; None if both are gone."""
    readers: tuple[Callable[[], bytes | None], ...] = (
        lambda: state.blobs.find(digest),
        lambda: probe.read(claim.name) if claim.name.startswith("/") else None,
    )
    for read in readers:
        try:
            data = read()
        except MachineError:
            continue
        if data is not None and digest_of(data) == digest:
            return data
    return None
