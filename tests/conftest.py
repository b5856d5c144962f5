"""Makes ``support`` importable from wherever this directory lies, and offers its fixtures to every test."""

import os
import sys

from hypothesis import settings

settings.register_profile("any", deadline=None)  # a busy machine is no fault of what is tested
settings.register_profile("ci", deadline=None, derandomize=True)  # nor does a clean clone depend on luck
settings.load_profile("ci" if os.environ.get("CI") else "any")

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

pytest_plugins = [
    "support.git_repo",
    "support.gpg_home",
    "support.motd_repo",
    "support.jars",
    "support.node",
    "support.sshd",
    "support.image",
]
