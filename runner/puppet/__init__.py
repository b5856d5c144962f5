"""Compiling catalogs of the Puppet language away from a control repository: modules anywhere on this machine."""
