"""Print what a package bundles (CycloneDX 1.5): ``sbom.py requirements.lock`` in the finished environment."""

from __future__ import annotations

import json
import platform
import re
import sys
import uuid
from importlib import metadata
from pathlib import Path
from typing import Any

from runner.version import __version__

_PIN = re.compile(r"^([a-z0-9._-]+)==(\S+)", re.MULTILINE)


def main(lock: str) -> None:
    """Print the document. Fails if the environment holds what ``lock`` does not pin, or another version of it."""
    pins = pinned(Path(lock).read_text())
    found = sorted(metadata.distributions(), key=lambda item: _normal(item.metadata["Name"]))
    bundled = [item for item in found if _normal(item.metadata["Name"]) != "freehold"]
    for item in bundled:
        name = _normal(item.metadata["Name"])
        if pins.get(name) != item.version:
            sys.exit(f"{name} {item.version} is bundled, but not what {lock} pins")
    print(json.dumps(document([component(item) for item in bundled]), indent=2, sort_keys=True))


def pinned(lock: str) -> dict[str, str]:
    """Return the version of each package that the text of a lock file pins."""
    return {_normal(name): version for name, version in _PIN.findall(lock)}


def document(components: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the whole document; the same components give the same bytes."""
    subject = {"type": "application", "name": "freehold", "version": __version__, "bom-ref": "freehold",
               "licenses": [{"license": {"id": "Apache-2.0"}}]}  # fmt: skip
    about = json.dumps([subject, components], sort_keys=True)
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "serialNumber": f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, about)}",
        "version": 1,
        "metadata": {
            "component": subject,
            "properties": [{"name": "python", "value": ".".join(platform.python_version_tuple()[:2])}],
        },
        "components": components,
        "dependencies": [{"ref": "freehold", "dependsOn": [item["bom-ref"] for item in components]}],
    }


def component(item: metadata.Distribution) -> dict[str, Any]:
    """Return one bundled package."""
    name = _normal(item.metadata["Name"])
    purl = f"pkg:pypi/{name}@{item.version}"
    licence = item.metadata.get("License-Expression") or _classified(item) or item.metadata.get("License")
    found: dict[str, Any] = {"type": "library", "name": name, "version": item.version, "purl": purl, "bom-ref": purl}
    if licence:
        found["licenses"] = [{"license": {"name": licence.splitlines()[0]}}]
    return found


def _classified(item: metadata.Distribution) -> str:
    rows = item.metadata.get_all("Classifier") or []
    return ", ".join(row.rpartition(" :: ")[2] for row in rows if row.startswith("License :: "))


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


if __name__ == "__main__":
    main(sys.argv[1])
