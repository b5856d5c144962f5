"""The handbook names every command and setting, and its links lead somewhere."""

import re
from pathlib import Path

import pytest

from runner.cli.group import EXITS
from runner.cli.table import COMMANDS
from runner.keys import KEYS

ROOT = Path(__file__).resolve().parents[3]
PAGES = sorted([ROOT / "README.md", *(ROOT / "docs").rglob("*.md")])


def test_every_command_is_described():
    """A new command comes with a line in the handbook."""
    page = (ROOT / "docs/commands.md").read_text()

    assert [name for name in COMMANDS if f"`freehold {name}" not in page] == []


def test_every_setting_is_described():
    """A new setting comes with a line in the handbook, and none is described that there is not."""
    page = (ROOT / "docs/configuration.md").read_text()

    assert set(re.findall(r"^\| `(\w+)` \|", page, re.MULTILINE)) == set(KEYS)


def test_every_exit_code_is_described():
    """The table of exit codes is whole."""
    page = (ROOT / "docs/commands.md").read_text()

    assert [code for code in EXITS if f"\n| {code} |" not in page and code != 1] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_links_lead_somewhere(page):
    """Every relative link of a page leads to a file that is there."""
    prose = re.sub(r"`[^`]*`", "", page.read_text())
    targets = re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", prose)
    broken = [target for target in targets if "://" not in target and not (page.parent / target).exists()]

    assert broken == []
