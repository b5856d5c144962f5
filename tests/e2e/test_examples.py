"""What the README promises: the demo, the first manifest, and a control repository without keys."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = ROOT / "examples"


def command():
    """Return the command line that starts Freehold, wherever these tests find it."""
    where = os.environ.get("PYTHONPATH")
    words = [*(["env", f"PYTHONPATH={os.path.abspath(where)}"] if where else []), sys.executable, "-m", "runner"]
    return shlex.join(words)


def freehold(*words):
    """Run a command in a clean place and return it ended."""
    argv = [*shlex.split(command()), *map(str, words)]
    return subprocess.run(argv, capture_output=True, text=True, check=False, cwd="/", stdin=subprocess.DEVNULL)


def test_demo():
    """The demo checks every step itself."""
    done = subprocess.run(
        [sys.executable, "-P", EXAMPLES / "demo", "--freehold", command()],
        capture_output=True, text=True, check=False, cwd="/", stdin=subprocess.DEVNULL, timeout=300,
    )  # fmt: skip

    assert done.returncode == 0, done.stdout[-4000:] + done.stderr
    assert "everything went as promised" in done.stdout


def test_hello(tmp_path):
    """The first minute: applied into a directory, and nothing to do the second time."""
    first = freehold("apply", EXAMPLES / "hello.yaml", "--root", tmp_path, "--detailed-exitcodes")
    again = freehold("apply", EXAMPLES / "hello.yaml", "--root", tmp_path, "--detailed-exitcodes")

    assert (first.returncode, again.returncode) == (2, 0), first.stderr + again.stderr
    assert (tmp_path / "etc/motd").read_text() == "Hello from Freehold, on Linux.\n"
    assert (tmp_path / "etc/hello/Ann").read_text() == "Good morning, Ann.\n"


def test_manifest_of_the_readme(tmp_path):
    """What a newcomer copies from the README works as it stands there."""
    blocks = re.findall(r"```yaml\n(# hello.yaml\n.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    (tmp_path / "hello.yaml").write_text(blocks[0])
    done = freehold("apply", tmp_path / "hello.yaml", "--root", tmp_path / "root")

    assert done.returncode == 0, done.stderr
    assert (tmp_path / "root/etc/motd").is_file()


def test_class_of_the_readme(tmp_path):
    """The class that the README shows compiles, with a parameter from Hiera."""
    blocks = re.findall(r"```yaml\n# (modules/\S+)\n(class:.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    files = dict(blocks) | {
        "manifests/site.yaml": "nodes: {default: [nginx]}\n",
        "hiera.yaml": "version: 5\n",
        "data/common.yaml": "nginx::vhosts: {www: {}}\n",
        "modules/nginx/templates/nginx.conf.j2": "listen {{ port }};\n",
        "modules/nginx/templates/vhost.conf.j2": "server_name {{ key }};\n",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    done = freehold("compile", "--tree", tmp_path)

    assert done.returncode == 0, done.stderr
    assert "file[/etc/nginx/sites-enabled/www.conf]" in done.stdout


def test_puppet_repo(tmp_path):
    """What its README says: checked, applied without a node, a key or root, and nothing to do the second time."""
    place = EXAMPLES / "puppet-repo"
    checked = freehold("validate", "--tree", place)
    words = ("apply", place, "-n", "web02", "--root", tmp_path, "--detailed-exitcodes")
    first, again = freehold(*words), freehold(*words, "--noop", "--diff")

    assert (checked.returncode, first.returncode, again.returncode) == (0, 2, 0), checked.stderr + first.stderr
    assert (tmp_path / "etc/webserver/sites/beta.conf").read_text().startswith("# beta: 1 name(s)\n")


def test_no_secret_and_no_key_is_committed():
    """The examples hold stand-ins only; the demo encrypts them with keys of its own."""
    files = [
        path for name in ("control-repo", "puppet-repo") for path in (EXAMPLES / name).rglob("*") if path.is_file()
    ]

    assert [path for path in files if path.suffix in {".gpg", ".eyaml", ".asc", ".key"}] == []
    assert [path for path in files if "PRIVATE KEY" in path.read_text()] == []
