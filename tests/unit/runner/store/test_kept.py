"""Small results kept between runs."""

import os
import time

from runner.store.kept import KeptFiles


def test_what_is_kept_is_found_until_nobody_asked_for_a_month(tmp_path):
    store = KeptFiles(str(tmp_path / "kept"))
    assert store.get("abcdef") is None
    store.put("abcdef", b"tree")
    store.put("abffff", b"old")
    assert store.get("abcdef") == b"tree"
    path = tmp_path / "kept/ab/ffff"
    assert path.stat().st_mode & 0o777 == 0o600
    for name in ("cdef", "ffff"):
        os.utime(tmp_path / "kept/ab" / name, (1, time.time() - 40 * 24 * 3600))
    assert store.get("abcdef") == b"tree"
    store.prune()
    assert sorted(os.listdir(tmp_path / "kept/ab")) == ["cdef"]


def test_a_store_that_cannot_keep_anything_is_no_failure(tmp_path):
    (tmp_path / "file").write_text("")
    store = KeptFiles(str(tmp_path / "file"))
    store.put("abcdef", b"tree")
    assert store.get("abcdef") is None
