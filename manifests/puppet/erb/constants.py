"""The constants that templates may name."""

from __future__ import annotations

import math
import sys
from typing import Final

from manifests.puppet.erb.objects import Class, Failure, Unsupported, Value

_CLASSES: Final = frozenset(
    """
    Object BasicObject Kernel Comparable Enumerable Numeric Integer Fixnum Float String Symbol Array Hash Range
    Regexp Proc NilClass TrueClass FalseClass Class Module Set MatchData Enumerator Exception StandardError
    RuntimeError ArgumentError TypeError NameError NoMethodError KeyError IndexError RangeError ZeroDivisionError
    StopIteration FloatDomainError RegexpError NotImplementedError FrozenError LocalJumpError ScriptError IOError
    EncodingError SecurityError FiberError ThreadError SystemCallError JSON JSON::ParserError JSON::JSONError
    JSON::GeneratorError YAML Psych Psych::SyntaxError File Math ERB::Util CGI Shellwords IPAddr IPAddr::Error
    IPAddr::InvalidAddressError Base64 Digest Digest::MD5 Digest::SHA1 Digest::SHA256 Digest::SHA512 SecureRandom
    URI Time Date DateTime Random Etc Process Puppet Puppet::Error Puppet::ParseError Puppet::Util
    Puppet::Util::Package Puppet::Parser Puppet::Parser::Functions URI::Error URI::InvalidURIError URI::Generic
    URI::HTTP URI::HTTPS URI::FTP Gem Gem::Version OpenSSL::Digest OpenSSL::HMAC OpenSSL::KDF OpenSSL::PKCS5
    Digest::SHA384 LoadError Timeout Timeout::Error Puppet::Functions OpenSSL::Digest::SHA1
    OpenSSL::Digest::SHA256 OpenSSL::Digest::SHA512 OpenSSL::Digest::MD5
    Puppet::Functions::InternalFunction Puppet::Parser::AST::Resource Facter StringIO Struct OpenStruct
    Puppet::Pops::Types::PSensitiveType::Sensitive Puppet::Pops::Types::PSensitiveType Puppet::Util::Platform
    Encoding ERB Rational Complex BigDecimal Pathname Dir IO FileUtils Socket Resolv OpenSSL Zlib ObjectSpace GC
    Marshal Thread Mutex ENV
    """.split()  # noqa: SIM905  a list of so many words is easier to read
)
_VALUES: Final[dict[str, Value]] = {
    "Float::INFINITY": math.inf,
    "Float::NAN": math.nan,
    "Float::MAX": sys.float_info.max,
    "Float::MIN": sys.float_info.min,
    "Float::EPSILON": sys.float_info.epsilon,
    "Float::DIG": 15,
    "Math::PI": math.pi,
    "Math::E": math.e,
    "File::SEPARATOR": "/",
    "File::PATH_SEPARATOR": ":",
    "Encoding::UTF_8": "UTF-8",
    "Encoding::ASCII_8BIT": "ASCII-8BIT",
    "Encoding::US_ASCII": "US-ASCII",
    "Socket::AF_INET": 2,
    "Socket::AF_INET6": 10,
    "RUBY_VERSION": "3.2.2",
    "Regexp::IGNORECASE": 1,
    "Regexp::EXTENDED": 2,
    "Regexp::MULTILINE": 4,
}
_OF_THE_MACHINE: Final = frozenset(("ARGV", "STDOUT", "STDERR", "STDIN", "RUBY_PLATFORM", "RUBY_ENGINE", "DATA"))


def constant(name: str) -> Value:
    """Return the value of the constant ``name``. Raises ``Failure`` or ``Unsupported``."""
    if name in _CLASSES:
        return Class(name)
    if name in _VALUES:
        return _VALUES[name]
    if name.startswith("::"):
        return constant(name[2:])
    if name in _OF_THE_MACHINE or name.startswith(("Puppet::", "ENV", "Gem", "RbConfig", "Process::")):
        raise Unsupported(f"constant '{name}' is not supported")
    raise Failure("NameError", f"uninitialized constant {name}")
