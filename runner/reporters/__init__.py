"""Where the events of a run are told: a terminal, plain lines, JSON, later journald and metrics.

A reporter may fail without failing the run; the store may not.
"""
