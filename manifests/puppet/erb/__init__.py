"""ERB templates: text with a small, safe part of Ruby in it.

:func:`render` gives what Puppet's ``template`` gives, :func:`check` says whether a template can be read. The Ruby is
parsed to a tree of our own and interpreted with explicit tables of methods: nothing of it ever reaches Python.
"""

from __future__ import annotations

from manifests.puppet.erb.scope import ErbScope
from manifests.puppet.erb.templates import check, render

__all__ = ["ErbScope", "check", "render"]
