"""From a catalog to a machine that is like it.

``bind`` makes resources of declarations and a graph of their relations, ``leaving`` adds what left the catalog,
``turn`` is one resource between its inspection and its outcome. ``claims`` (what a declared resource comes to),
``intents`` (what is written down of it) and ``verdict`` (what becomes of what left) are the pure arithmetic of the
ledger. ``walk`` goes through the graph and only looks, ``apply`` is the same walk that touches, ``journal`` what it
writes, and ``converge`` the whole. One thread owns graph and store; workers only return values.
"""
