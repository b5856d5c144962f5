"""The Puppet language: from the text of a manifest or an EPP template to a checked syntax tree.

:func:`manifests.puppet.parser.parse` reads a :class:`manifests.puppet.source.Source`,
:func:`manifests.puppet.validation.validate` checks what came of it, :func:`manifests.puppet.pn.to_pn` shows it. The
nodes stand in :mod:`manifests.puppet.ast`. Nothing here evaluates anything.
"""
