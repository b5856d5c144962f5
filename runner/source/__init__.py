"""Where the control repository comes from, and whether a commit of it may be used.

The route of one run: :class:`~runner.source.mirror.Mirror` asks the remote whether it moved and fetches into a bare
repository; :class:`~runner.source.trust.Trust` decides whether the new tip may follow the commit accepted last;
:class:`~runner.source.accepted.AcceptedFile` keeps that commit; :class:`~runner.source.export.Exports` lays its tree
out as a read-only directory. There is never a work tree, and git runs only through :mod:`runner.source.git`.
"""
