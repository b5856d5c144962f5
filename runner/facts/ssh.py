"""``ssh``: the host keys in the root directory of the run."""

from __future__ import annotations

import base64
import binascii
import hashlib
from typing import Final

from hiera.values import Value
from runner.facts.place import Place

_NUMBERS: Final = {"rsa": 1, "dsa": 2, "ecdsa": 3, "ed25519": 4}
"""Name of the fact -> algorithm number of an SSHFP record (RFC 4255, 6594, 7479)."""


def gather(place: Place) -> dict[str, Value]:
    """Return the fact ``ssh``, nothing where there are no host keys."""
    keys = {name: key for name in _NUMBERS if (key := _key(place, name)) is not None}
    return {"ssh": keys} if keys else {}


def _key(place: Place, name: str) -> Value:
    """Return one host key with its fingerprints."""
    words = (place.root_text(f"etc/ssh/ssh_host_{name}_key.pub") or "").split()
    if len(words) < 2:
        return None
    try:
        blob = base64.b64decode(words[1], validate=True)
    except binascii.Error:
        return None
    sha1 = hashlib.sha1(blob, usedforsecurity=False).hexdigest()
    prefix = f"SSHFP {_NUMBERS[name]}"
    return {
        "fingerprints": {"sha1": f"{prefix} 1 {sha1}", "sha256": f"{prefix} 2 {hashlib.sha256(blob).hexdigest()}"},
        "key": words[1],
        "type": words[0],
    }
