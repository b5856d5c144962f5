"""From a catalog to a machine that is like it.

``bind`` makes resources of declarations and a graph of their relations, ``leaving`` adds what left the catalog,
``inspection`` decides for one resource at its turn what has to change, ``claims`` is the pure arithmetic of the
ledger, ``executor`` walks the graph and touches, ``walk`` is the same walk that only looks. One thread owns
graph and store; workers only return values.
"""
