"""Paths that functions give are paths that functions take."""

import json

from runner.cli.main import main


def test_a_template_that_was_found_can_be_read(tmp_path, capsys):
    templates = tmp_path / "modules/a/templates"
    templates.mkdir(parents=True)
    (templates / "x.epp").write_text("hello")
    code = "notify { 'n': message => file(find_template('a/none.epp', 'a/x.epp')) }"
    assert main(["compile", "-e", code, "--modulepath", str(tmp_path / "modules"), "--json"]) == 0
    catalog = json.loads(capsys.readouterr().out)
    assert [item["parameters"]["message"] for item in catalog["resources"] if item["type"] == "Notify"] == ["hello"]
