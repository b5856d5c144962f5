"""Key in, answer and its trail out.

``hiera`` is the lowest of the three packages (``runner`` imports ``manifests`` imports ``hiera``, never the
other way). It resolves data for a node: ``hiera.yaml`` version 5, the data files it names, merges,
interpolation and secrets. It knows no manifests and no machine: files come through a :class:`hiera.tree.Tree`,
decryption through a :class:`hiera.secrets.Decryptor`, variables through a plain mapping.

What all three packages share stands here too, because this is the bottom: :mod:`hiera.errors` (located
problems and exit codes), :mod:`hiera.values` (the ``Secret`` taint), :mod:`hiera.yaml` (the two YAML
readers) and :mod:`hiera.types` (Puppet's data types).
"""
