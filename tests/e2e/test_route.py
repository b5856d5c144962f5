"""The whole route with real git, gpg and ssh, through the real command line."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from support.motd_repo import BASE, change, tree


def test_first_unchanged_changed_and_drift(repo: Any, ann: Any, node: Any) -> None:
    web = node(repo)
    assert web.ran() == {"changed": 1}
    assert web.path("/etc/motd").read_text() == "good morning\n"
    assert web.ran() == {"unchanged": 1}

    change(repo, ann, BASE.replace("0644", "0640"))
    assert web.ran() == {"changed": 1}
    assert web.path("/etc/motd").stat().st_mode & 0o7777 == 0o640

    web.path("/etc/motd").write_text("somebody was here\n")
    assert web.ran() == {"changed": 1, "drifted": 1}
    assert web.path("/etc/motd").read_text() == "good morning\n"


def test_git_revert_leaves_the_machine_byte_identical(repo: Any, ann: Any, node: Any) -> None:
    web = node(repo)
    replaced = web.path("/etc/issue")
    replaced.write_bytes(b"old\xff issue without a line end")
    replaced.chmod(0o751)
    web.path("/etc/hosts").write_text("127.0.0.1 localhost\n# end")
    web.path("/etc/passwd").write_text("root:x:0:0:root:/root:/bin/sh\n")
    web.path("/etc/link").symlink_to("issue")
    if os.geteuid() == 0:
        os.chown(replaced, 1, 2)
    web.ran()
    before = web.picture()

    change(
        repo,
        ann,
        BASE
        + """\
  file[/etc/issue]: {content: "new\\n", mode: 0600}
  file[/etc/app]: {ensure: directory, mode: 0700}
  file[/etc/app/conf]: {content: x, mode: 0600}
  file[/etc/app/deep]: {ensure: directory}
  file[/etc/app/deep/link]: {ensure: link, target: ../conf}
  file[/etc/link]: {content: no link any more}
  host[db01]: {ip: 10.0.0.5, host_aliases: [db]}
  concat[/etc/list]: {mode: 0640}
  concat_fragment[one]: {target: /etc/list, content: "1\\n", order: 1}
  concat_fragment[two]: {target: /etc/list, content: "2\\n", order: 2}
  cron[job]: {command: /bin/true, user: root, schedule: daily}
""",
    )
    assert web.ran()["changed"] >= 8
    assert web.picture() != before
    assert web.path("/etc/list").read_text() == "1\n2\n"

    repo.revert("HEAD", key=ann, push=True)
    web.ran()
    assert web.picture() == before
    assert web.ran() == {"unchanged": 1}


def test_dropping_a_mode_goes_back_to_the_old_one(repo: Any, ann: Any, node: Any) -> None:
    web = node(repo)
    web.path("/etc/motd").write_text("x")
    web.path("/etc/motd").chmod(0o604)
    web.ran()
    change(repo, ann, BASE.replace("    mode: 0644\n", ""))
    web.ran()

    assert web.path("/etc/motd").stat().st_mode & 0o7777 == 0o604
    assert web.path("/etc/motd").read_text() == "good morning\n"


def test_what_somebody_else_changed_is_not_taken_back(repo: Any, ann: Any, node: Any) -> None:
    web = node(repo)
    change(repo, ann, BASE + "  file[/etc/extra]: {content: ours}\n")
    web.ran()
    web.path("/etc/extra").write_text("theirs")
    repo.revert("HEAD", key=ann, push=True)
    done = web.run()

    assert done.code == 0
    assert "somebody else changed content" in done.text
    assert web.path("/etc/extra").read_text() == "theirs"
    assert "prune pending 1" in web.freehold("status").text


def test_a_failed_resource_then_its_fix(repo: Any, ann: Any, node: Any) -> None:
    web = node(repo)
    broken = BASE + "  file[/etc/no/such/place]: {content: x}\n  file[/etc/after]: {content: y}\n"
    change(repo, ann, broken)
    done = web.run("-v")
    assert done.code == 4
    assert "failed" in done.text
    assert web.path("/etc/after").exists()
    assert web.run("--detailed-exitcodes").code == 4

    change(repo, ann, broken.replace("/etc/no/such", "/etc"))
    assert web.run("--detailed-exitcodes").code == 2
    assert web.run("--detailed-exitcodes").code == 0


def test_a_commit_that_does_not_compile_keeps_the_last_good_one(repo: Any, ann: Any, node: Any) -> None:
    web = node(repo)
    web.ran()
    change(repo, ann, BASE.replace("mode:", "mdoe:"))
    web.path("/etc/motd").unlink()
    done = web.run()

    assert done.code == 11
    assert "did you mean 'mode'" in done.text
    assert web.path("/etc/motd").read_text() == "good morning\n"
    assert web.reasons() == ["compile-error"]
    assert web.freehold("status", "--check").code == 2

    change(repo, ann, BASE)
    assert web.run().code == 0


def refused(web: Any, code: str) -> None:
    """Check that the next run refuses, keeps the last good tree in force, and shows it."""
    before = web.picture()
    done = web.run()
    assert done.code == 13
    assert code in done.text
    assert web.picture() == before
    assert web.freehold("status", "--check").code == 2
    assert web.reasons() == ["refused"]


def test_an_unsigned_commit_is_refused(repo: Any, node: Any) -> None:
    web = node(repo)
    web.ran()
    repo.commit("unsigned", tree(BASE.replace("0644", "0600")), push=True)
    refused(web, "unsigned-commit")


def test_a_commit_by_a_strange_key_is_refused(repo: Any, keyring: Any, node: Any) -> None:
    web = node(repo)
    web.ran()
    repo.commit("strange", tree(BASE.replace("0644", "0600")), key=keyring.gpg("mallory"), push=True)
    refused(web, "unknown-signer")


def test_a_force_push_is_refused_and_healed_by_going_on(repo: Any, ann: Any, node: Any) -> None:
    web = node(repo)
    web.ran()
    good = change(repo, ann, BASE.replace("0644", "0640"), "good")
    web.ran()
    repo.reset(repo.introduction)
    repo.commit("other", tree(BASE.replace("0644", "0600")), key=ann)
    repo.push(force=True)
    refused(web, "force-push")
    repo.reset(good)
    repo.push(force=True)
    assert web.run().code == 0
    assert web.reasons() == []


def test_a_tip_behind_the_accepted_one_is_kept_ahead_of(repo: Any, ann: Any, node: Any) -> None:
    web = node(repo)
    change(repo, ann, BASE.replace("0644", "0640"))
    web.ran()
    repo.reset(repo.introduction)
    repo.push(force=True)
    done = web.run()

    assert done.code == 0
    assert web.path("/etc/motd").stat().st_mode & 0o777 == 0o640
    assert web.reasons() == ["ahead"]


def test_first_contact_with_a_wrong_introduction_applies_nothing(repo: Any, node: Any) -> None:
    web = node(repo)
    web.write_config(trust={"mode": "signed", "introduction": {"commit": "0" * 40, "signer": "A" * 40}})

    assert web.run().code == 13
    assert not web.path("/etc/motd").exists()


def test_without_trust_nothing_runs(repo: Any, node: Any) -> None:
    web = node(repo)
    web.write_config(trust=None)

    assert web.run().code == 10


def test_the_remote_away(repo: Any, node: Any) -> None:
    web = node(repo)
    web.ran()
    away = repo.bare.with_name("away.git")
    repo.bare.rename(away)
    web.path("/etc/motd").unlink()
    done = web.run()
    assert done.code == 0
    assert web.path("/etc/motd").exists()
    assert web.reasons() == ["unreachable"]

    web.write_config(stale_after="0s")
    assert web.run().code == 12
    away.rename(repo.bare)
    assert web.run().code == 0


def test_the_first_run_with_the_remote_away(repo: Any, node: Any) -> None:
    web = node(repo)
    shutil.rmtree(repo.bare)

    assert web.run().code == 12


def test_over_ssh(repo: Any, ann: Any, node: Any, sshd: Any) -> None:
    web = node(repo, credentials=sshd.credentials)
    web.write_config(repo=sshd.url(repo.bare))
    assert web.ran() == {"changed": 1}
    change(repo, ann, BASE.replace("0644", "0640"))
    assert web.ran() == {"changed": 1}
    sshd.stop()
    assert web.run().code == 0
    assert web.reasons() == ["unreachable"]


def test_two_runs_at_once(repo: Any, ann: Any, node: Any) -> None:
    web = node(repo)
    change(repo, ann, BASE + "".join(f"  file[/etc/f{number}]: {{content: x}}\n" for number in range(400)))
    started = [
        subprocess.Popen(
            web.command("run"), env=web.environment(), cwd="/", stdin=subprocess.DEVNULL, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )
        for _ in range(4)
    ]  # fmt: skip
    ended = [(*process.communicate(timeout=120), process.returncode) for process in started]

    assert {code for *_, code in ended} == {0, 14}
    pids = [str(process.pid) for process in started]
    for _, err, code in ended:
        if code == 14:
            assert any(f"process {pid} (run) holds this node since" in err for pid in pids), err
    assert web.ran("--wait", "1m") == {"unchanged": 401}


def test_noop_plan_and_tags_touch_nothing_they_should_not(repo: Any, ann: Any, node: Any) -> None:
    web = node(repo)
    before = web.picture()
    for argv in (["run", "--noop"], ["run", "--check"], ["plan"], ["run", "--dry-run"]):
        done = web.freehold(*argv)
        assert done.code == 0, done.text
        assert "/etc/motd" in done.text
        assert web.picture() == before
    web.ran()
    change(repo, ann, BASE.replace("file[/etc/motd]", "file[/etc/other]"))
    assert web.run("--tags", "base").code == 0
    assert web.path("/etc/motd").exists()
    assert web.run().code == 0
    assert not web.path("/etc/motd").exists()


def test_pin_rollback_pause_and_resume(repo: Any, ann: Any, node: Any) -> None:
    web = node(repo)
    first = repo.head
    web.ran()
    change(repo, ann, BASE.replace("0644", "0640"))
    web.ran()
    mode = lambda: web.path("/etc/motd").stat().st_mode & 0o777  # noqa: E731
    assert web.freehold("pin", first, "--for", "1h", "--reason", "incident 7").code == 0
    assert mode() == 0o644
    assert "incident 7" in web.freehold("status").text
    assert web.freehold("unpin").code == 0
    web.run()
    assert mode() == 0o640
    assert web.freehold("pin", "0" * 40, "--for", "1h", "--reason", "x").code == 10

    assert web.freehold("pause", "--for", "1h", "--reason", "hands off").code == 0
    web.path("/etc/motd").chmod(0o666)
    assert web.run().code == 0
    assert mode() == 0o666
    assert "hands off" in web.freehold("status").text
    assert web.freehold("resume").code == 0
    web.run()
    assert mode() == 0o640


@pytest.mark.parametrize(("how", "there"), [("--restore", False), ("--keep", True)])
def test_release(repo: Any, node: Any, how: str, there: bool) -> None:
    web = node(repo)
    web.ran()
    assert web.freehold("release", how).code == 0
    assert web.path("/etc/motd").exists() is there


def test_another_environment_needs_switch_and_takes_over(repo: Any, ann: Any, node: Any) -> None:
    web = node(repo)
    web.ran()
    files = {path.replace("production", "staging"): text for path, text in tree(BASE.replace("motd", "issue")).items()}
    repo.commit("staging", files, key=ann, push=True)
    done = web.run("--environment", "staging")
    assert done.code == 10
    assert "--switch" in done.text
    assert web.path("/etc/motd").exists()

    assert web.run("--environment", "staging", "--switch").code == 0
    assert not web.path("/etc/motd").exists()
    assert web.path("/etc/issue").exists()


def test_the_budget(repo: Any, ann: Any, node: Any) -> None:
    many = BASE + "".join(f"  file[/etc/f{number}]: {{content: x}}\n" for number in range(12))
    web = node(repo)
    change(repo, ann, many)
    web.ran()
    change(repo, ann, BASE + "  file[/etc/new]: {content: x}\n")
    done = web.run()
    assert done.code == 15
    assert web.path("/etc/f3").exists()
    assert web.path("/etc/new").exists()
    assert web.reasons() == ["over-budget"]
    assert web.run("--confirm").code == 0
    assert not web.path("/etc/f3").exists()


@pytest.mark.parametrize("message", ["remove\n\nMax-Prune: 20", "revert"])
def test_what_needs_no_confirmation(repo: Any, ann: Any, node: Any, message: str) -> None:
    web = node(repo)
    web.ran()
    change(repo, ann, BASE + "".join(f"  file[/etc/f{number}]: {{content: x}}\n" for number in range(12)))
    web.ran()
    if message == "revert":
        repo.revert("HEAD", key=ann, push=True)
    else:
        change(repo, ann, BASE + "  file[/etc/new]: {content: x}\n", message)
    assert web.run().code == 0
    assert not web.path("/etc/f3").exists()


def test_why_log_and_show_name_commit_author_and_place(repo: Any, node: Any) -> None:
    web = node(repo)
    web.ran()
    why = web.freehold("why", "/etc/motd")
    assert why.code == 0, why.text
    for part in ("Ann Author", repo.head[:7], "environments/production/modules/base/manifests/init.yaml:5", "mode"):
        assert part in why.text
    assert "file[/etc/motd]" in web.freehold("why", "file", "/etc/motd").text
    assert repo.head[:7] in web.freehold("log").text
    assert "file[/etc/motd]" in web.freehold("show").text
    assert web.freehold("why", "/etc/modt").code != 0


def test_a_hold_keeps_the_last_applied_catalog(repo: Any, ann: Any, node: Any) -> None:
    web = node(repo)
    web.ran()
    site = "nodes:\n  web01: {include: [], hold: true, reason: the rollout waits}\n"
    repo.commit("hold", {"environments/production/manifests/site.yaml": site}, key=ann, push=True)
    web.path("/etc/motd").chmod(0o666)
    assert web.run().code == 0
    assert web.path("/etc/motd").stat().st_mode & 0o777 == 0o644
    assert "the rollout waits" in web.freehold("status").text


def test_the_state_survives_the_loss_of_its_database_without_a_downgrade(repo: Any, ann: Any, node: Any) -> None:
    web = node(repo)
    change(repo, ann, BASE.replace("0644", "0640"))
    web.ran()
    for path in Path(web.state).glob("state.db*"):
        path.unlink()
    repo.reset(repo.introduction)
    repo.push(force=True)
    web.run()

    assert web.path("/etc/motd").stat().st_mode & 0o777 == 0o640
