"""Makes ``support`` importable from wherever this directory lies, and offers its fixtures to every test."""

import os
import sys

from hypothesis import settings

settings.register_profile("ci", derandomize=True)  # what a clean clone is judged by does not depend on luck
if os.environ.get("CI"):
    settings.load_profile("ci")

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
