"""The only package that touches anything: the machine, git, SQLite, the network.

Words, one per idea: a *declaration* stands in a catalog; a *resource* is a declaration bound to its type on this
node; *state* is what a resource's type reads from the machine, a flat mapping of plain values, None when it is
absent; a *change* leads from one state to another; an *outcome* is what became of a resource in a *run*; *drift*
is a state that differs from what was last applied though nothing new was asked for; the *ledger* knows for each
managed attribute the *baseline* (what was there before the first touch) and what was last applied; to *prune* is to
go back to the baseline of what left the catalog; the *anchor* is the last revision applied well.

A run reads: lock, recover, fetch, verify, export, compile, bind, apply, prune, conclude (:mod:`runner.agent`).
"""
