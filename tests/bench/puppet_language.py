"""The Puppet language beside Puppet itself: ``python -m tests.bench.puppet_language``.

Two questions: what a catalog costs in a process that is already warm, and what a small manifest costs from start to
finish. The modules are made here: classes, defines, EPP and ERB templates, data in Hiera.

What is counted: for catalogs, freehold's side includes the start of its process and the first parsing of every file, and
Puppet's side neither its start nor a first catalog to warm up; freehold then keeps parsed files in memory, while Puppet
reads them for each catalog, as it does in its agent. From start to finish, both commands are counted whole, each
after one run that is not counted (compiled Python, Puppet's directories). Both take turns, so that load hits both;
where there is load, the ratio of CPU time is the one to trust.
"""

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.bench.measure import median, run
from tests.bench.work import environment, write

ORACLE = Path(__file__).with_name("oracle.rb")
FACTS = {"os": {"name": "Debian", "family": "Debian", "release": {"major": "12"}}, "networking": {"fqdn": "n"}}
SMALL = "file { '/tmp/freehold-bench': content => \"on ${facts['kernel']}\\n\" }\nnotify { 'done': }\n"
CLASS = """# A service with a configuration file, virtual hosts and their users.
class app%(n)d (
  Integer[1, 65535] $port = %(port)d,
  Hash[String[1], Hash] $vhosts = {},
  Array[String[1]] $users = ['a', 'b', 'c'],
  Enum['present', 'absent'] $ensure = 'present',
) {
  $family = $facts['os']['family'] ? { 'Debian' => 'apt', default => 'yum' }
  package { "app%(n)d": ensure => $ensure }
  file { "/etc/app%(n)d.conf":
    content => epp('app%(n)d/app.conf.epp', { 'port' => $port, 'vhosts' => $vhosts }),
    mode    => '0644',
    require => Package["app%(n)d"],
    notify  => Service["app%(n)d"],
  }
  service { "app%(n)d": ensure => running, enable => true }
  $users.each |Integer $index, String $user| {
    app%(n)d::account { "app%(n)d-${user}": uid => 2000 + %(n)d * 10 + $index, family => $family }
  }
  $vhosts.filter |$name, $vhost| { $vhost['ssl'] }.each |$name, $vhost| {
    file { "/etc/app%(n)d.d/${name}": content => template('app%(n)d/vhost.erb') }
  }
}
"""
DEFINE = """define app%(n)d::account (Integer $uid, String $family) {
  user { $title: uid => $uid, shell => '/bin/sh' }
  if $family == 'apt' and $uid > 2000 {
    file { "/home/${title}": ensure => directory, owner => $title, require => User[$title] }
  }
}
"""
EPP = """<%- | Integer $port, Hash $vhosts | -%>
port = <%= $port %>
<% $vhosts.each |$name, $vhost| { -%>
host <%= $name %> ssl=<%= $vhost['ssl'] %>
<% } -%>
"""
ERB = """server <%= @name %> {
<% @vhost.sort.each do |key, value| -%>
  <%= key %> <%= value %>;
<% end -%>
}
"""


def main():
    """Run the benchmark and print it."""
    given = arguments()
    place = Path(tempfile.mkdtemp(prefix="fh-bench-", dir="/tmp"))
    try:
        cases = given.cases or repository(place, given.classes, given.catalogs)
        catalogs(given, place, cases)
        start_to_finish(given, place)
    finally:
        shutil.rmtree(place, ignore_errors=True)


def arguments():
    """Return what the command line says."""
    beside = Path(sys.executable).with_name("freehold")
    parser = argparse.ArgumentParser(prog="python -m tests.bench.puppet_language", description=__doc__)
    parser.add_argument("--freehold", default=str(beside) if beside.exists() else "freehold", metavar="COMMAND")
    parser.add_argument("--puppet", default=shutil.which("puppet"), metavar="COMMAND", help="[puppet, if installed]")
    parser.add_argument("--ruby", default="ruby", metavar="COMMAND", help="that has Puppet as a library [ruby]")
    parser.add_argument("--classes", type=int, default=20, help="classes in a catalog [20]")
    parser.add_argument("--catalogs", type=int, default=50, help="how many catalogs [50]")
    parser.add_argument("--cases", type=Path, help="cases of your own instead, as `compile --batch` reads them")
    parser.add_argument("--repeat", type=int, default=5, help="measure start to finish so often [5]")
    return parser.parse_args()


def repository(place, classes, catalogs):
    """Write modules, data and cases, and return the path of the cases."""
    modules = place / "modules"
    for number in range(classes):
        values = {"n": number, "port": 8000 + number}
        module = modules / f"app{number}"
        write(module / "manifests/init.pp", CLASS % values)
        write(module / "manifests/account.pp", DEFINE % values)
        write(module / "templates/app.conf.epp", EPP)
        write(module / "templates/vhost.erb", ERB)
    hosts = {f"www{n}.example.org": {"ssl": n % 2 == 0, "root": f"/srv/{n}", "port": 80 + n} for n in range(8)}
    data = {f"app{number}::vhosts": hosts for number in range(classes)}
    write(place / "data/common.yaml", json.dumps(data))
    write(place / "hiera.yaml", "version: 5\nhierarchy:\n  - {name: common, path: common.yaml}\n")
    write(place / "facts.json", json.dumps(FACTS))
    code = "include " + ", ".join(f"app{number}" for number in range(classes))
    shared = {"modulepath": [str(modules)], "env_dir": str(place), "facts": str(place / "facts.json")}
    lines = [json.dumps({"id": f"node{n}", "code": code, "node": f"n{n}", **shared}) for n in range(catalogs)]
    write(place / "cases.jsonl", "\n".join(lines) + "\n")
    return place / "cases.jsonl"


def catalogs(given, place, cases):
    """Print what a catalog costs each tool in one process, start-up included and shared by all."""
    count = sum(1 for line in cases.read_text().splitlines() if line.strip())
    begin = time.perf_counter()
    argv = [given.freehold, "compile", "--batch", cases, "--out", place / "out", "--puppet-version", "7"]
    subprocess.run(argv, check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    ours = (time.perf_counter() - begin) / count
    answers = [json.loads((place / "out" / f"{number}.json").read_text()) for number in range(count)]
    resources = sum(len(answer.get("resources", ())) for answer in answers)
    print(f"{count} catalogs, {resources / count:.0f} resources each on average")
    print(
        f"freehold: {ours:.4f} s a catalog, start-up of the process shared by all; the first: {answers[0]['secs']:.4f} s"
    )
    if not given.puppet:
        return
    done = subprocess.run([given.ruby, ORACLE, cases], check=True, capture_output=True, text=True)
    theirs = json.loads(done.stdout)
    if theirs["compiled"] != sum(answer["ok"] for answer in answers):
        print(f"  note: Puppet compiles {theirs['compiled']}, freehold {sum(a['ok'] for a in answers)}")
    mean = theirs["seconds"] / count
    print(f"puppet {theirs['version']}: {mean:.4f} s a catalog, without its start-up")
    print(f"ratio: {mean / ours:.1f}x")


def start_to_finish(given, place):
    """Print what a small manifest costs from the start of the command to its end."""
    write(place / "small.pp", SMALL)
    env = environment(HOME=str(place), LANG="C.UTF-8")
    state = ["--state-dir", place / "state"]
    commands = {"freehold": [given.freehold, "apply", place / "small.pp", "--noop", *state]}
    if given.puppet:
        places = [f"--confdir={place}/conf", f"--vardir={place}/var"]
        commands["puppet"] = [given.puppet, "apply", "--noop", *places, place / "small.pp"]
    measures = {name: [] for name in commands}
    for turn in range(given.repeat + 1):
        for name, argv in commands.items():
            measure = run(list(map(str, argv)), env=env)
            if turn:
                measures[name].append(measure)
    found = {name: median(many) for name, many in measures.items()}
    for name, measure in found.items():
        seconds = f"{measure.wall:.3f} s, {measure.cpu:.3f} s of CPU"
        print(f"apply --noop of a small manifest, {name}: {seconds}, {measure.memory:.0f} MiB")
    if given.puppet:
        theirs, ours = found["puppet"], found["freehold"]
        print(f"ratio: {theirs.wall / ours.wall:.1f}x of wall time, {theirs.cpu / ours.cpu:.1f}x of CPU")


if __name__ == "__main__":
    main()
