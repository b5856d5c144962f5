"""A masterless control repository in the Puppet language through the whole route."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

import pytest

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "puppet-repo"
TOKEN = "token-of-this-test-83b1"
MANAGED = {
    "/etc/hosts", "/etc/motd", "/etc/webserver/main.conf", "/etc/webserver/sites/blog.conf",
    "/etc/webserver/sites/shop.conf", "/etc/webserver/token", "/srv/www/robots.txt",
}  # fmt: skip
SHOP = """\
# shop: 2 name(s)
server {
  listen 8080;
  root /srv/www/shop;
  alias www.shop.example.org;
  shared;
}
"""


def example() -> dict[str, bytes]:
    """Return the files of the example by their paths."""
    return {
        str(path.relative_to(EXAMPLE)): path.read_bytes()
        for path in sorted(EXAMPLE.rglob("*"))
        if path.is_file() and not path.name.endswith(".example")
    }


@pytest.fixture
def web(git_repo: Any, ann: Any, node: Any, gpg_home: Any) -> Any:
    """A node that follows the example, and opens its secrets with a key of its own."""
    home = gpg_home("mine")
    secrets = f"profile::web::token: {home.block(TOKEN)}\n".encode()
    repo = git_repo(policy=[ann], files=example() | {"data/secrets.eyaml": secrets})
    found = node(repo, secrets={"gnupghome": home.path})
    found.repo = repo
    return found


def files(web: Any) -> set[str]:
    """Return the files below the root but the state of Freehold."""
    return {f"/{path.relative_to(web.root)}" for path in web.root.rglob("*") if path.is_file()}


def test_first_unchanged_drift_change_and_revert(web: Any, ann: Any) -> None:
    web.path("/etc/motd").write_bytes(b"old \xff message")
    web.path("/etc/motd").chmod(0o604)
    before = web.picture()

    first = web.ran()
    assert first["changed"] >= len(MANAGED)
    assert files(web) >= MANAGED
    assert web.path("/etc/motd").read_text() == "web01 belongs to ops@example.org.\nPlease log what you change.\n"
    assert web.path("/etc/webserver/sites/shop.conf").read_text() == SHOP
    assert web.path("/etc/webserver/token").read_text() == TOKEN
    assert web.path("/etc/webserver/token").stat().st_mode & 0o7777 == 0o600
    assert "10.0.0.11\tweb01.example.org\tweb01" in web.path("/etc/hosts").read_text()
    after = web.picture()

    assert list(web.ran()) == ["unchanged"]
    web.path("/etc/webserver/main.conf").write_text("somebody was here\n")
    assert web.ran().get("drifted") == 1
    assert web.picture() == after

    data = example()["data/common.yaml"].replace(b"  blog: {}\n", b"  blog: {port: 81}\n  wiki: {}\n")
    web.repo.commit("a site more", {"data/common.yaml": data}, key=ann, push=True)
    web.ran()
    assert "listen 81;" in web.path("/etc/webserver/sites/blog.conf").read_text()
    assert web.path("/srv/www/wiki").is_dir()

    web.repo.revert("HEAD", key=ann, push=True)
    web.ran()
    assert web.picture() == after

    web.repo.commit("nothing", {"manifests/site.pp": "node default { }\n"}, key=ann, push=True)
    web.freehold("run", "--confirm")
    assert web.picture() == before


def test_an_unchanged_run_compiles_nothing(web: Any) -> None:
    web.ran()
    kept = sorted((web.state / "catalogs").glob("[0-9a-f]*"))
    assert len(kept) == 1
    shutil.rmtree(web.state / "catalogs" / "trees")

    assert list(web.ran()) == ["unchanged"]
    assert not (web.state / "catalogs" / "trees").exists()  # no manifest was parsed


def test_an_error_names_its_place_and_keeps_the_last_good_commit(web: Any, ann: Any) -> None:
    web.ran()
    broken = example()["site-modules/profile/manifests/base.pp"].replace(b"content =>", b"contnet =>")
    web.repo.commit("a slip", {"site-modules/profile/manifests/base.pp": broken}, key=ann, push=True)
    web.path("/etc/motd").unlink()
    done = web.run()

    assert done.code == 11
    assert "site-modules/profile/manifests/base.pp:16:" in done.text
    assert "did you mean 'content'" in done.text
    assert web.path("/etc/motd").exists()


def test_the_secret_is_nowhere_but_in_its_file(web: Any) -> None:
    web.ran()
    said = web.freehold("plan", "--diff").text + web.freehold("log", "--json").text

    assert TOKEN not in said
    holders = [path for path in (*web.root.rglob("*"), *web.state.rglob("*")) if path.is_file() and _holds(path)]
    assert holders == [web.path("/etc/webserver/token")]


def _holds(path: Path) -> bool:
    return os.access(path, os.R_OK) and TOKEN.encode() in path.read_bytes()


def test_how_strict_the_language_is_read_is_the_nodes_setting(web: Any, ann: Any) -> None:
    code = b"file { '/etc/loose': content => \"x${nobody}\" }\n"
    web.repo.commit("loose", {"manifests/site.pp": code}, key=ann, push=True)
    assert web.run().code == 11
    assert web.run("--puppet-version", "7").code == 0
    web.write_config(puppet_version=7)
    assert web.run().code == 0
    assert web.path("/etc/loose").read_text() == "x"


def test_validate_and_plan_of_the_work_tree(web: Any, tmp_path: Path) -> None:
    place = tmp_path / "work"
    shutil.copytree(EXAMPLE, place)
    done = web.freehold("validate", "--tree", str(place))
    assert done.code == 0, done.text
    planned = web.freehold("plan", "--tree", str(place))
    assert planned.code == 0, planned.text
    assert "file[/etc/webserver/sites/shop.conf]" in planned.out
    assert not web.path("/etc/webserver").exists()
