"""The daemon: runs at a period for containers and systems without systemd, each a process of its own."""
