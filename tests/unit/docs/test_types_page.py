"""The handbook's page of types says what the types say."""

from pathlib import Path

from runner import reference
from runner.resources import BUILT_IN

DOCS = Path(__file__).resolve().parents[3] / "docs"


def test_page_is_current():
    """After a change of a type: `python -m runner.reference > docs/types.md`."""
    assert (DOCS / "types.md").read_text() == reference.page()


def test_every_type_has_a_section():
    """No built-in type is left out."""
    page = reference.page()

    assert [name for name in BUILT_IN if f"\n## {name}\n" not in page] == []
