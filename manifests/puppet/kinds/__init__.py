"""Resource types as the Puppet language compiles them: tables of names, and what modules' Ruby sources say."""

from manifests.puppet.kinds.base import METAPARAMETERS, Kind
from manifests.puppet.kinds.builtin import usual
from manifests.puppet.kinds.finding import Kinds

__all__ = ["METAPARAMETERS", "Kind", "Kinds", "usual"]
