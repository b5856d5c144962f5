"""The Java that stands first on the search path."""

from __future__ import annotations

import glob
import os
import re

from hiera.values import Value
from runner.facts.modules.programs import output, which
from runner.facts.place import Place


def gather(place: Place) -> dict[str, Value]:
    """Return the facts ``java_*``."""
    path = which(place, "java")
    if path is None:
        return {}
    real = os.path.realpath(path)
    home = os.path.dirname(os.path.dirname(real))
    found: dict[str, Value] = {"java_default_home": os.path.dirname(home) if "/jre/" in real else home}
    said = re.search(r'version.*?"(.*?)"', output(place, "java", "-Xmx12m", "-version") or "")
    if said is not None:
        found |= {"java_version": said[1], **_parts(said[1])}
        library = "lib" if int(found["java_major_version"] or 0) >= 11 else "jre/lib"
        machines = glob.glob(f"{found['java_default_home']}/{library}/**/libjvm.so", recursive=True)
        if machines:
            found["java_libjvm_path"] = os.path.dirname(machines[0])
    return found


def _parts(version: str) -> dict[str, Value]:
    """Return the major version and the patch level of a version of the old kind (1.8.0_402) or the new (17.0.9)."""
    if version.startswith("1."):
        whole, _, patch = version.partition("_")
        parts = {"java_major_version": whole.split(".")[1], "java_patch_level": patch or None}
    else:
        words = version.split(".")
        parts = {"java_major_version": words[0].split("-")[0], "java_patch_level": words[2] if len(words) > 2 else None}
    return {name: value for name, value in parts.items() if value is not None}
