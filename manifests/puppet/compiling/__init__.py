"""From evaluated statements to the catalog of the Puppet language.

:func:`manifests.puppet.compiling.compilation.compile_puppet` makes a :class:`PuppetCatalog`; the statements that
declare, collect and relate stand in :mod:`manifests.puppet.compiling.statements`.
"""
