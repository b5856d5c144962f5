"""Our own lookups over every feature of Hiera: ``features/FEATURE.yaml`` asks, ``answers.json`` keeps Puppet's answers.

    python -m tests.conformance.hiera.features        # record them again with the Puppet installed here, and count them

A feature has ``files``, ``ask`` (see ``support.puppet_lookup``), ``facts`` if it wants others than these, and
``environment``, the directory of the environment where it is not the root. ``DIR`` in a file is where the files lie.
With ``texts`` everything is asked of each of them, as the data.
"""

import json
import tempfile
from pathlib import Path

import yaml

HERE = Path(__file__).parent
FEATURES = HERE / "features"
ANSWERS = HERE / "answers.json"
FACTS = {"role": "web", "site": "fra"}
NAMES = sorted(path.stem for path in FEATURES.glob("*.yaml"))


def read(name):
    """Return one feature."""
    return yaml.safe_load((FEATURES / f"{name}.yaml").read_text())


def cases(name, room):
    """Write the files of a feature below ``room`` and return its cases: one, or one for each of its texts."""
    feature = read(name)
    texts = feature.get("texts", {"": ""})
    return [_case(feature, text, room / (label or "all")) for label, text in texts.items()]


def _case(feature, text, root):
    for path, content in (feature["files"] | ({"data/common.yaml": text} if text else {})).items():
        place = root / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(content.replace("DIR", str(root)), newline="")
    directory = root / feature.get("environment", "")
    return {"dir": directory, "facts": feature.get("facts", FACTS), "lookups": feature["ask"]}


def record():
    """Ask Puppet, keep its answers, and print how many there are for each feature."""
    from tests.support.puppet_lookup import Puppet  # noqa: PLC0415  the tests themselves find it elsewhere

    puppet, answers = Puppet(), {}
    for name in NAMES:
        with tempfile.TemporaryDirectory() as room:
            found = [one for case in cases(name, Path(room)) for one in puppet.ask(case)]
        answers[name] = [{"error": True} if "error" in one else one for one in found]
        print(f"{len(found):5} {name}, {sum('error' in one for one in found)} of them errors")
    puppet.close()
    print(f"{sum(map(len, answers.values())):5} lookups")
    rows = [json.dumps(name) + ": [\n" + ",\n".join(map(json.dumps, answers[name])) + "\n]" for name in NAMES]
    ANSWERS.write_text("{" + ",\n".join(rows) + "}\n")


if __name__ == "__main__":
    record()
