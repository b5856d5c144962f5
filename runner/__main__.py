"""``python -m runner`` is the command ``freehold``."""

from __future__ import annotations

import sys


def main() -> int:
    """Run the command line and return its exit code."""
    from runner.cli.main import main as start  # noqa: PLC0415  importing this module does nothing

    return start()


if __name__ == "__main__":
    sys.exit(main())
