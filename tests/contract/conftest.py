"""Makes the contract's own words importable from its tables."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
