"""Syntax trees of the Puppet language between two runs."""

from hiera.tree import DirectoryTree
from manifests.catalog import KeyedDigester
from manifests.puppet import parser
from runner.compilation import CatalogCache, Subject, catalog_for
from runner.settings import Settings


def test_a_second_catalog_parses_nothing(tmp_path, monkeypatch):
    root = tmp_path / "tree"
    (root / "manifests").mkdir(parents=True)
    (root / "manifests/site.pp").write_text('notify { "hi": message => "x" }\n')
    settings = Settings(node="n", environment="production")
    cache = CatalogCache(str(tmp_path / "catalogs"), settings)
    digester = KeyedDigester(b"k" * 32)
    first = catalog_for(settings, Subject(DirectoryTree(root, "a" * 40), "r1", {}), digester, cache)
    monkeypatch.setattr(parser, "parse", None)
    second = catalog_for(settings, Subject(DirectoryTree(root, "b" * 40), "r2", {}), digester, cache)
    assert [item.ref for item in second.catalog.declarations] == [item.ref for item in first.catalog.declarations] != []
    assert second.catalog.declarations[0].location.line == 1
