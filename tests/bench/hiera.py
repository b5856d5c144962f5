"""Lookups and secrets on their own.

    python -m tests.bench.hiera            # 500 keys over six levels with deep merges; 1,000 secrets in one go

Puppet answers the same lookups when it is installed: in one process that stays, and as the command `puppet lookup`.
"""

import json
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from support.puppet_lookup import NODE, Puppet, hiera_of, ours, same

from hiera.secrets import Ciphertext
from hiera.secrets.gpg import GpgDecryptor
from hiera.secrets.vault import Vault

KEYS = 500
LEVELS = [
    "nodes/%{trusted.certname}",
    "roles/%{role}",
    "sites/%{site}",
    "os/%{facts.os.name}",
    "family/%{facts.os.family}",
    "common",
]
FACTS = {"role": "web", "site": "fra", "os": {"name": "Debian", "family": "Debian"}}
SECRETS = 1000
BARE = 20


def data(level):
    """Return what one level has: each key a hash with lists and hashes inside, some of it interpolated."""
    return {
        f"app{key:03}::settings": {
            "list": [f"l{level}", f"k{key % 7}", "same"],
            "nested": {f"n{level}": {"value": key, "text": "at %{facts.os.name}"}, "shared": {f"s{level}": level}},
            "port": 1000 + key + level,
            f"only{level}": "%{role}",
        }
        for key in range(KEYS)
    }


def write(root):
    """Write the hierarchy and return its case."""
    names = [NODE, "web", "fra", "Debian", "Debian", ""]
    places = [
        f"{level.rpartition('/')[0] or '.'}/{name or 'common'}.yaml" for level, name in zip(LEVELS, names, strict=True)
    ]
    hierarchy = [{"name": level, "path": f"{level}.yaml"} for level in LEVELS]
    (root / "hiera.yaml").write_text(json.dumps({"version": 5, "hierarchy": hierarchy}))
    for number, place in enumerate(places):
        values = data(number)
        if place.endswith("common.yaml"):
            values["lookup_options"] = {"^app": {"merge": "deep"}}
        path = root / "data" / place
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(values))
    return {"dir": root, "facts": FACTS, "lookups": sorted(data(0))}


def took(call):
    """Return the seconds that ``call`` takes, and its result."""
    begin = time.perf_counter()
    result = call()
    return time.perf_counter() - begin, result


def lookups(root):
    """Print how long the lookups take."""
    case = write(root)
    first, found = took(lambda: ours(case))
    hiera = hiera_of(case)
    ours(case, hiera)
    again, _ = took(lambda: ours(case, hiera))
    print(f"{KEYS} keys over {len(LEVELS)} levels, merged deep")
    print(f"  freehold, data read and merged    {first:7.3f} s   {KEYS / first:8.0f} lookups a second")
    print(f"  freehold, data already read       {again:7.3f} s   {KEYS / again:8.0f} lookups a second")
    facts = root / "facts.json"
    facts.write_text(json.dumps(FACTS))
    words = ["lookup", case["lookups"][0], "--facts", facts, "--node", NODE]
    tree = [sys.executable, "-m", "runner", *words[:4], "--tree", root, "--node", NODE, "--environment", "production"]
    command, _ = took(lambda: subprocess.run(tree, check=True, capture_output=True))
    print(f"  `freehold lookup`, one key        {command:7.3f} s")
    if shutil.which("puppet"):
        puppet = Puppet()
        puppet.ask(case | {"lookups": []})
        theirs, answers = took(lambda: puppet.ask(case))
        puppet.close()
        print(
            f"  Puppet in one process             {theirs:7.3f} s   {KEYS / theirs:8.0f} lookups a second   {theirs / first:.1f}x"
        )
        if not all(map(same, found, answers)):
            raise SystemExit("bench: the tools did not answer the same")
        environments = root.parent / "environments"
        environments.mkdir()
        (environments / "production").symlink_to(root)
        options = [f"--{name}={root.parent / name}" for name in ("confdir", "vardir")]
        theirs, done = took(
            lambda: subprocess.run(
                ["puppet", *words, "--environmentpath", environments, *options], check=True, capture_output=True
            )
        )
        if b"n5" not in done.stdout:
            raise SystemExit("bench: `puppet lookup` found nothing")
        print(
            f"  `puppet lookup`, one key          {theirs:7.3f} s                                {theirs / command:.1f}x"
        )


def secrets():
    """Print how long it takes to open many secrets, beside gpg on its own."""
    home = Path(tempfile.mkdtemp(prefix="fhb", dir="/tmp"))
    gpg = ["gpg", "--homedir", home, "--batch", "--quiet", "--trust-model", "always"]
    try:
        make = [*gpg, "--passphrase", "", "--quick-generate-key", NODE, "future-default", "default", "never"]
        subprocess.run(make, check=True, stderr=subprocess.DEVNULL)
        plains = [b"secret %d" % number for number in range(SECRETS)]
        sealed = [
            subprocess.run([*gpg, "-e", "-r", NODE], input=one, check=True, capture_output=True).stdout
            for one in plains
        ]
        bare, _ = took(
            lambda: [subprocess.run([*gpg, "-d"], input=one, check=True, capture_output=True) for one in sealed[:BARE]]
        )
        vault = Vault({"GPG": GpgDecryptor(str(home))})
        messages = [Ciphertext("GPG", one) for one in sealed]
        all_, opened = took(lambda: vault.open(messages))
        again, _ = took(lambda: vault.open(messages))
    finally:
        subprocess.run(["gpgconf", "--homedir", home, "--kill", "all"], check=False)
        shutil.rmtree(home, ignore_errors=True)
    if opened != plains:
        raise SystemExit("bench: a secret did not come back")
    each, alone = 1000 * all_ / SECRETS, 1000 * bare / BARE
    print(f"{SECRETS} secrets for one OpenPGP key, one agent")
    print(f"  opened together                   {all_:7.3f} s   {each:5.2f} ms each")
    print(f"  bare `gpg --decrypt`, in turn                 {alone:5.2f} ms each   {alone / each:.1f}x")
    print(f"  asked again in the same run       {again:7.3f} s")


def main():
    """Run both."""
    room = Path(tempfile.mkdtemp(prefix="fh-bench-", dir="/tmp"))
    try:
        root = room / "control"
        root.mkdir()
        lookups(root)
    finally:
        shutil.rmtree(room, ignore_errors=True)
    secrets()


if __name__ == "__main__":
    main()
