"""Makes ``support`` importable from wherever this directory lies, and offers its fixtures to every test."""

import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

pytest_plugins = ["support.git_repo", "support.gpg_home", "support.node", "support.sshd"]
