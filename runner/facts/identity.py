"""``identity``: who this process is."""

from __future__ import annotations

import grp
import os
import pwd

from hiera.values import Value
from runner.facts.place import Place


def gather(place: Place) -> dict[str, Value]:  # noqa: ARG001  a process asks the kernel about itself
    """Return the fact ``identity``."""
    uid, gid = os.geteuid(), os.getegid()
    return {
        "identity": {
            "gid": gid,
            "group": _group(gid),
            "privileged": uid == 0,
            "uid": uid,
            "user": _user(uid),
        }
    }


def _user(uid: int) -> str:
    """Return the login name of ``uid``, or its decimal text."""
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def _group(gid: int) -> str:
    """Return the name of the group ``gid``, or its decimal text."""
    try:
        return grp.getgrgid(gid).gr_name
    except KeyError:
        return str(gid)
