"""What a bake goes by, and the configuration it leaves in the image."""

import pytest
import yaml

from hiera.errors import UsageError
from runner.image import image
from runner.settings import load

SHA, FINGER = "a" * 40, "B" * 40
ASKED = {"trust": "signed", "commit": SHA, "signer": FINGER}
SAID = {"repo": "https://git.example.org/control.git", "environment": "production"}


@pytest.fixture
def root(tmp_path):
    path = tmp_path / "root"
    (path / "etc/freehold").mkdir(parents=True)
    return path


def problems(*arguments):
    with pytest.raises(UsageError) as caught:
        image(*arguments)
    return [problem.code for problem in caught.value.problems]


def written(found):
    assert found.write()
    return load({}, {}, found.path)


def test_options_become_the_configuration_of_nodes(root, monkeypatch):
    monkeypatch.setenv("FREEHOLD_ROLE", "of-the-builder")
    found = image({**SAID, "root": str(root), "role": "web"}, None, {**ASKED, "ssh_key": "key"})
    settings = found.baking.settings

    assert (settings.node, settings.role, settings.state_dir) == ("baked", "web", f"{root}/var/lib/freehold")
    assert settings.facts_dirs == (f"{root}/etc/freehold/facts.d",)
    assert settings.credentials["ssh_key"].startswith("/")
    text = root / "etc/freehold/freehold.yaml"
    assert found.write()
    assert yaml.safe_load(text.read_text())["node"] == {"from": "instance-id"}
    assert "key" not in yaml.safe_load(text.read_text()).get("credentials", {})
    assert text.stat().st_mode & 0o777 == 0o600
    assert not found.write()


def test_the_builder_s_own_configuration_does_not_count(root, tmp_path, monkeypatch):
    own = tmp_path / "own.yaml"
    own.write_text("role: builder\nrepo: https://elsewhere.example.org/x.git\n")
    monkeypatch.setattr("runner.settings.CONFIG", str(own))
    monkeypatch.setenv("FREEHOLD_CONFIG", str(own))

    assert image({**SAID, "root": str(root)}, None, ASKED).baking.settings.role is None


def test_a_file_becomes_the_configuration_as_it_is(root, tmp_path):
    file = tmp_path / "web.yaml"
    file.write_text(
        f"repo: https://nodes.example.org/c.git\nenvironment: production\nnode: {{from: machine-id}}\nnoop: true\n"
        f"trust: {{mode: signed, introduction: {{commit: {SHA}, signer: {FINGER}}}}}\nstate_dir: /srv/freehold\n"
        "credentials: {token_file: /etc/freehold/token, known_hosts: /etc/freehold/hosts}\n"
        "secrets: {openpgp_key: /etc/freehold/role.key}\nfacts_dirs: [/etc/facts]\n"
    )
    found = image({"root": str(root), "repo": "https://inside.example.org/c.git"}, str(file), {})
    settings = found.baking.settings

    assert settings.repo == "https://inside.example.org/c.git"
    assert (settings.node, settings.noop, settings.credentials) == ("baked", False, {})
    assert settings.state_dir == f"{root}/srv/freehold"
    assert settings.facts_dirs == (f"{root}/etc/facts",)
    assert {"/etc/freehold/token", "/etc/freehold/role.key", "/etc/freehold/gnupg"} == set(found.baking.secrets)
    assert found.write()
    assert (root / "etc/freehold/freehold.yaml").read_text() == file.read_text()


def test_the_image_s_own_configuration_is_read_and_left(root):
    place = root / "etc/freehold/freehold.yaml"
    place.write_text(
        "# mine\nrepo: https://nodes.example.org/c.git\nenvironment: staging\nnode: db01\ntrust: {mode: unsigned}\n"
    )
    found = image({"root": str(root)}, None, {})

    assert (found.baking.settings.environment, found.baking.settings.node) == ("staging", "db01")
    assert not found.write()


@pytest.mark.parametrize(
    ("said", "text", "asked", "codes"),
    [
        ({}, None, {}, ["missing-setting"] * 3),
        (SAID, None, {"trust": "signed"}, ["missing-setting"]),
        (SAID, "environment: production\n", ASKED, ["incomplete-config"]),
        (SAID, "rolle: web\nmax_prune: many\n", ASKED, ["unknown-setting", "bad-setting"]),
    ],
)
def test_everything_wrong_is_said(root, tmp_path, said, text, asked, codes):
    config = None
    if text is not None:
        config = str(tmp_path / "web.yaml")
        (tmp_path / "web.yaml").write_text(text)

    assert problems({**said, "root": str(root)}, config, asked) == codes
    assert list((root / "etc/freehold").iterdir()) == []


def test_a_root_that_is_not_there_is_said(tmp_path):
    assert problems({**SAID, "root": str(tmp_path / "nowhere")}, None, ASKED) == ["bad-root"]


def test_what_options_do_not_say_is_not_missing_in_a_file(root):
    with pytest.raises(UsageError) as caught:
        image({**SAID, "root": str(root)}, None, {})
    (problem,) = caught.value.problems
    assert (problem.code, problem.location) == ("missing-setting", None)
