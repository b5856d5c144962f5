import pytest

from hiera.errors import UsageError
from runner.source.address import Credentials, check_branch, check_object, parse_address, scrub


@pytest.mark.parametrize(
    ("text", "transport"),
    [
        ("ssh://git@git.example.org:2222/srv/control.git", "ssh"),
        ("ssh://git.example.org/~/control.git", "ssh"),
        ("ssh://git@[::1]:22/x", "ssh"),
        ("git@git.example.org:team/control.git", "ssh"),
        ("git.example.org:control", "ssh"),
        ("https://git.example.org/team/control.git", "https"),
        ("https://git.example.org:8443/x?y=1", "https"),
        ("file:///srv/control.git", "file"),
        ("/srv/with space/control.git", "file"),
    ],
)
def test_good_addresses(text, transport):
    assert parse_address(text).transport == transport


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("https://ann:s3cret@git.example.org/x", "repo-password"),
        ("https://s3cret@git.example.org/x", "repo-password"),
        ("ssh://ann:s3cret@git.example.org/x", "repo-password"),
        ("ann:s3cret@git.example.org:x", "repo-password"),
        ("http://git.example.org/x", "repo-transport"),
        ("git://git.example.org/x", "repo-transport"),
        ("ext::sh -c 'touch /tmp/s3cret'", "repo-transport"),
        ("ext::https://git.example.org/x", "repo-transport"),
        ("fd::17", "repo-transport"),
        ("ext://x", "repo-transport"),
        ("--upload-pack=touch s3cret", "repo-address"),
        ("-oProxyCommand=x:y", "repo-address"),
        ("ssh://-oProxyCommand=s3cret/x", "repo-address"),
        ("ssh://git@-oProxyCommand=x/x", "repo-address"),
        ("git@-oProxyCommand=x:y", "repo-address"),
        ("host:-x", "repo-address"),
        ("relative/path", "repo-address"),
        ("file://host/path", "repo-address"),
        ("https://host/a b", "repo-address"),
        ("https://host/a\nb", "repo-address"),
        ("", "repo-address"),
    ],
)
def test_bad_addresses(text, code):
    with pytest.raises(UsageError) as failure:
        parse_address(text)
    assert failure.value.problems[0].code == code
    if code == "repo-password":
        assert "s3cret" not in str(failure.value)
        assert "credentials" in failure.value.problems[0].hint


@pytest.mark.parametrize("name", ["main", "rings/1-canary", "release/2.0", "a_b", "v1@x"])
def test_good_branches(name):
    assert check_branch(name) == name


@pytest.mark.parametrize(
    "name",
    [
        "-x",
        "--upload-pack=x",
        "a..b",
        "a/",
        "/a",
        "a//b",
        "a.lock",
        "x/.y",
        "a b",
        "a:b",
        "a~1",
        "a^",
        "*",
        "",
        "a\n",
        "a@{1}",
        "a.",
        "a/-b",
    ],
)
def test_bad_branches(name):
    with pytest.raises(UsageError):
        check_branch(name)


@pytest.mark.parametrize("name", ["HEAD", "-x", "a" * 39, "A" * 40, "a" * 40 + "\n", "--all"])
def test_only_full_object_ids(name):
    with pytest.raises(UsageError):
        check_object(name)


def test_scrub():
    assert scrub("fatal: https://ann:pw@host/x and ssh://bob@h\x1b[31m\x00") == "fatal: https://host/x and ssh://h[31m"


@pytest.mark.parametrize("path", ["relative", "/a\nb", '/a"b', "/a%h"])
def test_credential_paths(path):
    with pytest.raises(UsageError):
        Credentials(ssh_key=path).check()
