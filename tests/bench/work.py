"""The work: N small files rendered from data by a template, in the words of each tool."""

import base64
import json
import os
import shutil
import subprocess
from pathlib import Path

QUIET = {"HOME": "/nonexistent", "GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": "/dev/null", "LC_ALL": "C.UTF-8"}
NODE = "bench.example.org"


def environment(**more):
    """Return an environment in which nobody's own settings play a part."""
    return {"PATH": os.environ["PATH"], **QUIET, **more}


def entries(count):
    """Return the data of ``count`` files."""
    return {f"app{number:05d}": {"port": 1024 + number, "name": f"service {number}"} for number in range(count)}


def write(path, text):
    """Write a file, its directories included."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


class FreeholdWork:
    """A git repository, a configuration, and what `freehold run` makes of them."""

    name = "freehold"
    accepted = (0,)

    def __init__(self, place, command, files, *, secrets=0):
        self.command = command
        self.place = place / "freehold"
        self.out = self.place / "out"
        self.state = self.place / "state"
        self.home = None
        self.env = environment()
        self._repository(files, secrets)
        settings = {
            "repo": f"file://{self.place}/remote",
            "node": NODE,
            "environment": "production",
            "state_dir": str(self.state),
            "trust": {"mode": "unsigned"},
        }
        if self.home:
            settings["secrets"] = {"gnupghome": str(self.home)}
        write(self.place / "freehold.yaml", json.dumps(settings))  # JSON is YAML
        self.argv = [command, "--config", str(self.place / "freehold.yaml"), "run", "--quiet"]
        self.version_argv = [command, "--version"]

    def _repository(self, files, secrets):
        tree = self.place / "remote"
        hierarchy = [{"name": "data", "path": "data.yaml"}]
        write(tree / "data/data.yaml", json.dumps({"bench::files": entries(files)}))
        if secrets:
            hierarchy.append({"name": "secrets", "path": "secrets.eyaml", "lookup_key": "eyaml_lookup_key"})
            write(tree / "data/secrets.eyaml", self._secrets(secrets))
        write(tree / "hiera.yaml", json.dumps({"version": 5, "hierarchy": hierarchy}))
        write(tree / "manifests/site.yaml", "nodes:\n  default: [bench]\n")
        write(tree / "modules/bench/manifests/init.yaml", _MANIFEST.replace("OUT", str(self.out)))
        write(
            tree / "modules/bench/templates/app.conf.j2", "# {{ id }}\nname = {{ app.name }}\nport = {{ app.port }}\n"
        )
        for words in (["init", "-q", "-b", "main"], ["add", "-A"], [*_WHO, "commit", "-q", "-m", "bench"]):
            subprocess.run(["git", "-C", tree, *words], env=self.env, check=True)

    def _secrets(self, count):
        """Return the data of ``count`` encrypted values, for a key made now."""
        self.home = self.place / "gpg"
        self.home.mkdir(mode=0o700)
        gpg = ["gpg", "--homedir", self.home, "--batch", "--quiet", "--trust-model", "always"]
        make = [*gpg, "--passphrase", "", "--quick-generate-key", NODE, "future-default", "default", "never"]
        subprocess.run(make, env=self.env, check=True, stderr=subprocess.DEVNULL)
        rows = {}
        for number in range(count):
            sealed = subprocess.run(
                [*gpg, "--encrypt", "-r", NODE],
                env=self.env,
                check=True,
                input=b"secret %d" % number,
                capture_output=True,
            )
            rows[f"key{number:03d}"] = f"ENC[GPG,{base64.b64encode(sealed.stdout).decode()}]"
        return json.dumps({"bench::secrets": rows})

    def reset(self):
        """Forget everything, for a first apply."""
        shutil.rmtree(self.state, ignore_errors=True)
        shutil.rmtree(self.out, ignore_errors=True)
        self.out.mkdir()

    def drift(self):
        """Change one file by hand."""
        (self.out / "app00000.conf").write_text("drifted\n")

    def close(self):
        """End the agent of the keys."""
        if self.home:
            subprocess.run(["gpgconf", "--homedir", self.home, "--kill", "all"], env=self.env, check=False)


class PuppetWork:
    """A directory environment, and what `puppet apply` makes of it."""

    name = "puppet"
    accepted = (0, 2)

    def __init__(self, place, command, files):
        self.place = place / "puppet"
        self.out = self.place / "out"
        self.state = self.place / "var"
        self.env = environment()
        production = self.place / "code/environments/production"
        write(production / "data/data.yaml", json.dumps({"files": entries(files)}))
        hierarchy = [{"name": "data", "path": "data.yaml"}]
        write(production / "hiera.yaml", json.dumps({"version": 5, "hierarchy": hierarchy}))
        write(production / "modules/bench/templates/app.conf.epp", _EPP)
        write(production / "site.pp", _SITE.replace("OUT", str(self.out)))
        code = [
            "--codedir",
            str(self.place / "code"),
            "--confdir",
            str(self.place / "conf"),
            "--vardir",
            str(self.state),
        ]
        self.argv = [command, "apply", *code, "--certname", NODE, "--no-report", str(production / "site.pp")]
        self.version_argv = [command, "--version"]

    reset = FreeholdWork.reset
    drift = FreeholdWork.drift

    def close(self):
        """Puppet leaves nothing running."""


_WHO = ["-c", "user.name=Bench", "-c", "user.email=bench@example.org", "-c", "commit.gpgSign=false"]
_MANIFEST = """\
class: bench
parameters:
  files: {type: "Hash[String, Hash]", default: {}}
  secrets: {type: "Hash[String, String]", default: {}}
resources:
  - for_each: files
    as: [id, app]
    resources:
      file[OUT/{{ id }}.conf]: {template: bench/app.conf.j2, mode: 0644}
  - for_each: secrets
    as: [id, secret]
    resources:
      file[OUT/{{ id }}.secret]: {content: "{{ secret }}", mode: 0600}
"""
_EPP = """\
<%- | String $id, Hash $app | -%>
# <%= $id %>
name = <%= $app['name'] %>
port = <%= $app['port'] %>
"""
_SITE = """\
lookup('files').each |$id, $app| {
  file { "OUT/${id}.conf": mode => '0644', content => epp('bench/app.conf.epp', { id => $id, app => $app }) }
}
"""


def same(one, other):
    """Say whether two works made the same files (Freehold's secrets aside)."""
    left, right = ({p.name: p.read_bytes() for p in Path(w.out).glob("*.conf")} for w in (one, other))
    return left == right
