"""Functions that modules write in Ruby and that no port stands for: their files are interpreted.

:func:`find_ruby` answers with a function like any other. What is beyond the small Ruby ends as a located problem of
the file (``function-unsupported``), never as another answer than Puppet's.
"""

from manifests.puppet.functions.ruby.calling import find_ruby

__all__ = ["find_ruby"]
