"""What goes into a package beside the code: pins, the template of the configuration, manual pages, the SBOM's source."""

import re
import shutil
import subprocess
import sys
import tomllib
from importlib import metadata
from pathlib import Path

import pytest

from runner.cli.table import COMMANDS
from runner.settings import load
from runner.version import __version__

ROOT = Path(__file__).resolve().parents[3]
PACKAGING = ROOT / "packaging"


def normal(name):
    return re.sub(r"[-_.]+", "-", name).lower()


def pins(name):
    return dict(re.findall(r"^([a-z0-9._-]+)==(\S+)", (PACKAGING / name).read_text(), re.MULTILINE))


def test_every_dependency_is_pinned_by_hash():
    wanted = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"]
    lock = (PACKAGING / "requirements.lock").read_text()

    assert {normal(re.split(r"[<>=!~ ;]", item)[0]) for item in wanted} <= set(pins("requirements.lock"))
    for name in ("requirements.lock", "build-requirements.lock"):
        text = (PACKAGING / name).read_text()
        blocks = re.split(r"^(?=[a-z0-9])", text, flags=re.MULTILINE)[1:]
        assert [block for block in blocks if "--hash=sha256:" not in block] == []
    assert "hatchling" in pins("build-requirements.lock")
    assert "pip" not in pins("requirements.lock"), lock[:200]


def test_the_package_is_of_this_version():
    first = (PACKAGING / "debian/changelog").read_text().splitlines()[0]

    assert first.startswith(f"freehold ({__version__}-")


def test_the_template_says_nothing_until_it_is_uncommented(tmp_path):
    text = (PACKAGING / "freehold.yaml").read_text()
    (tmp_path / "as-shipped.yaml").write_text(text)
    example = text[text.index("# repo:") : text.index("# All settings")]
    (tmp_path / "filled.yaml").write_text(re.sub(r"^# ?", "", example, flags=re.MULTILINE))

    assert load({}, {}, str(tmp_path / "as-shipped.yaml")).repo is None
    filled = load({}, {}, str(tmp_path / "filled.yaml"))
    assert (filled.environment, filled.node, filled.trust["mode"]) == ("production", "web01.example.org", "signed")


def test_manual_pages_come_from_the_help(tmp_path):
    argv = [sys.executable, str(PACKAGING / "manpages.py"), str(tmp_path)]
    subprocess.run(
        argv, check=True, env={"SOURCE_DATE_EPOCH": "0", "PYTHONPATH": ":".join(sys.path), "PATH": "/usr/bin:/bin"}
    )

    pages = {path.name for path in tmp_path.iterdir()}
    assert {"freehold.1", *(f"freehold-{name}.1" for name in COMMANDS)} <= pages
    assert "freehold-secret-edit.1" in pages
    run = (tmp_path / "freehold-run.1").read_text()
    assert run.startswith(f'.TH FREEHOLD-RUN 1 1970-01-01 "Freehold {__version__}"')
    assert r"\-\-detailed\-exitcodes" in run
    if shutil.which("man") and shutil.which("groff"):
        for page in sorted(tmp_path.iterdir()):
            argv = ["man", "--warnings=w", "-l", str(page)]
            done = subprocess.run(
                argv, capture_output=True, text=True, check=False, env={"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"}
            )
            assert (done.returncode, done.stderr) == (0, ""), page


def test_the_sbom_refuses_what_is_not_pinned(tmp_path):
    installed = {normal(item.metadata["Name"]): item.version for item in metadata.distributions()}
    rows = [f"{name}=={version}\n" for name, version in installed.items() if name != "freehold"]

    def sbom(lock):
        (tmp_path / "lock").write_text("".join(lock))
        argv = [sys.executable, str(PACKAGING / "sbom.py"), str(tmp_path / "lock")]
        env = {"PYTHONPATH": ":".join(sys.path), "PATH": "/usr/bin:/bin"}
        return subprocess.run(argv, capture_output=True, text=True, check=False, env=env)

    whole = sbom(rows)
    assert whole.returncode == 0, whole.stderr
    assert '"purl": "pkg:pypi/jinja2@' in whole.stdout
    assert whole.stdout == sbom(rows).stdout
    assert "not what" in sbom(rows[1:]).stderr


@pytest.mark.parametrize("name", ["postinst", "prerm", "postrm"])
def test_maintainer_scripts_start_nothing(name):
    text = (PACKAGING / f"debian/freehold.{name}").read_text()

    assert re.findall(r"systemctl[^\n]*\b(?:start|restart|enable|preset)\b", text) == []
    assert "freehold run" not in text
    assert subprocess.run(["sh", "-n", "-c", text], check=False).returncode == 0
    assert "/var/lib/freehold" not in "".join(row for row in text.splitlines() if "rm " in row)


def test_both_packages_do_the_same_when_they_come_and_go():
    """The RPM's scripts take away and leave what the Debian package's do, and start as little."""
    spec = (PACKAGING / "rpm/freehold.spec").read_text()
    scripts = "".join((PACKAGING / f"debian/freehold.{name}").read_text() for name in ("postinst", "prerm", "postrm"))

    assert re.findall(r"systemctl[^\n]*\b(?:start|restart|enable|preset)\b", spec) == []
    own = set(re.findall(r"/etc/systemd/system/freehold[\w./-]+\.conf", scripts))
    assert own == set(re.findall(r"/etc/systemd/system/freehold[\w./-]+\.conf", spec))
    assert "/etc/systemd/system/freehold.service.d/credentials.conf" in own
    for name in ("post", "preun", "postun"):
        (script,) = re.findall(rf"^%{name}\n(.*?)(?=^# |^%)", spec, re.MULTILINE | re.DOTALL)
        assert subprocess.run(["sh", "-n", "-c", script], check=False).returncode == 0
        assert "/var/lib/freehold" not in "".join(row for row in script.splitlines() if "rm " in row)
    units = {path.name for path in (PACKAGING / "systemd").iterdir()}
    assert {f"/usr/lib/systemd/system/{unit}" for unit in units} <= set(spec.splitlines())
