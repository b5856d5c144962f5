"""Tree, facts and data in; a frozen catalog out. Reads files, changes nothing.

Front ends (the YAML language in :mod:`manifests.yaml_jinja`, later the Puppet language) fill one
:class:`manifests.draft.Draft`; finishing the draft checks everything that can be known and gives the
:class:`manifests.catalog.Catalog`. Both front ends share the draft, the functions of
:mod:`manifests.functions` and the data types of :mod:`hiera.types`. What resource types exist, and which
attributes they have, comes in as a table of :class:`manifests.spec.TypeSpec`; how they behave is the
runner's affair.
"""
