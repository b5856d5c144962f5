"""Real repositories, keys and servers for all tests; loaded through ``tests/conftest.py``."""
