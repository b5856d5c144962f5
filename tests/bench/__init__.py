"""The benchmark: Freehold beside `puppet apply` on the same work. A command, never a timed test.

    python -m tests.bench                        everything, 5 times each
    python -m tests.bench --files 1000 --repeat 3
    python -m tests.bench --freehold /opt/freehold/bin/freehold --no-puppet

Wall time, CPU time and peak memory are of the whole command, its children included. The tools take turns, so that a
busy moment of the machine meets both. Seconds do not travel from machine to machine; quote the ratios of one run.
"""
