"""The two YAML readers: strict for configuration and manifests, Puppet's for Hiera data."""
