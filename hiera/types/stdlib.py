"""The type aliases that puppetlabs-stdlib has made common, written from what they are documented to accept."""

from __future__ import annotations

from typing import Final

_BYTE = r"(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)"
_V4 = rf"{_BYTE}(?:\.{_BYTE}){{3}}"
_V4_PREFIX = r"\/(?:3[0-2]|[12]?\d)"
_V6_PREFIX = r"\/(?:12[0-8]|1[01]\d|[1-9]?\d)"
_HEX = r"\h{1,4}"
_LABEL = r"[A-Za-z\d](?:[A-Za-z\d\-]*[A-Za-z\d])?"

_V6_FULL = rf"{_HEX}(?::{_HEX}){{7}}"
_V6_SHORT = "|".join(
    rf"(?:{_HEX}:){{{before}}}(?::|(?::{_HEX}){{1,{7 - before}}})" if before < 7 else rf"(?:{_HEX}:){{7}}:"
    for before in range(1, 8)
)
_V6_COMPRESSED = rf"(?::(?::|(?::{_HEX}){{1,7}})|{_V6_SHORT})"
_V6_BEFORE_V4 = "|".join(rf"(?:{_HEX}:){{{before}}}(?::{_HEX}){{0,{5 - before}}}:" for before in range(1, 6))
_V6_ALTERNATIVE = rf"(?:(?:{_HEX}:){{6}}|:(?::{_HEX}){{0,5}}:|{_V6_BEFORE_V4}){_V4}"


def _whole(*sources: str) -> str:
    """Return the notation of text that one of ``sources`` matches from its first to its last character."""
    return "Pattern[" + ", ".join(rf"/\A(?:{source})\z/" for source in sources) + "]"


def _enum(words: str) -> str:
    """Return the notation of a choice of ``words``."""
    return f"Enum[{', '.join(repr(word) for word in words.split())}]"


_WHO = r"[ugoa]*"
_MODE = rf"(?:{_WHO}(?:[-+=](?:[rwxXst]*|[ugo]))+|[-+=][0-7]+)"
_PATH = r"\/(?:[^\n\0\/][^\n\0]*)?"
_STEPS = r"(?!\/)(?!.*\/\/)[^\n\0]+"
_SERVER = r"(?:[\w-]+(?:\.[\w-]+)*\.?)?"
_MAIL_LABEL = r"(?!-)[A-Za-z\d-]{1,63}(?<!-)"

ALIASES: Final[dict[str, str]] = {
    "Stdlib::Unixpath": _whole(_PATH),
    "Stdlib::Windowspath": _whole(
        r"[a-zA-Z]:[\\\/].*", r"[\\\/][\\\/][^\\\/]+[\\\/][^\\\/]+.*", r"[\\\/][\\\/]\?[\\\/][^\\\/]+.*"
    ),
    "Stdlib::Absolutepath": "Variant[Stdlib::Windowspath, Stdlib::Unixpath]",
    "Stdlib::Filemode": _whole("[0-7]{1,4}", rf"{_MODE}(?:,{_MODE})*"),
    "Stdlib::Filesource": "Variant[Stdlib::Absolutepath, Stdlib::HTTPUrl, "
    + _whole(rf"file:\/\/\/{_STEPS}", rf"puppet:\/\/{_SERVER}\/{_STEPS}")
    + "]",
    "Stdlib::Fqdn": _whole(rf"(?:{_LABEL}\.)*{_LABEL}"),
    "Stdlib::Dns::Zone": _whole(rf"(?:{_LABEL}\.)+|\."),
    "Stdlib::Host": "Variant[Stdlib::Fqdn, Stdlib::IP::Address]",
    "Stdlib::Port": "Integer[0, 65535]",
    "Stdlib::Port::Privileged": "Integer[1, 1023]",
    "Stdlib::Port::Unprivileged": "Integer[1024, 65535]",
    "Stdlib::Port::User": "Integer[1024, 49151]",
    "Stdlib::Port::Registered": "Stdlib::Port::User",
    "Stdlib::Port::Dynamic": "Integer[49152, 65535]",
    "Stdlib::Port::Ephemeral": "Stdlib::Port::Dynamic",
    "Stdlib::IP::Address": "Variant[Stdlib::IP::Address::V4, Stdlib::IP::Address::V6]",
    "Stdlib::IP::Address::Nosubnet": "Variant[Stdlib::IP::Address::V4::Nosubnet, Stdlib::IP::Address::V6::Nosubnet]",
    "Stdlib::IP::Address::CIDR": "Variant[Stdlib::IP::Address::V4::CIDR, Stdlib::IP::Address::V6::CIDR]",
    "Stdlib::IP::Address::V4": "Variant[Stdlib::IP::Address::V4::CIDR, Stdlib::IP::Address::V4::Nosubnet]",
    "Stdlib::IP::Address::V4::CIDR": _whole(_V4 + _V4_PREFIX),
    "Stdlib::IP::Address::V4::Nosubnet": _whole(_V4),
    "Stdlib::IP::Address::V6": "Variant[Stdlib::IP::Address::V6::Full, Stdlib::IP::Address::V6::Compressed, "
    "Stdlib::IP::Address::V6::Alternative]",
    "Stdlib::IP::Address::V6::Full": _whole(f"{_V6_FULL}(?:{_V6_PREFIX})?"),
    "Stdlib::IP::Address::V6::Compressed": _whole(f"{_V6_COMPRESSED}(?:{_V6_PREFIX})?"),
    "Stdlib::IP::Address::V6::Alternative": _whole(f"{_V6_ALTERNATIVE}(?:{_V6_PREFIX})?"),
    "Stdlib::IP::Address::V6::CIDR": _whole(f"(?:{_V6_FULL}|{_V6_COMPRESSED}|{_V6_ALTERNATIVE}){_V6_PREFIX}"),
    "Stdlib::IP::Address::V6::Nosubnet": "Variant[Stdlib::IP::Address::V6::Nosubnet::Full, "
    "Stdlib::IP::Address::V6::Nosubnet::Compressed, Stdlib::IP::Address::V6::Nosubnet::Alternative]",
    "Stdlib::IP::Address::V6::Nosubnet::Full": _whole(_V6_FULL),
    "Stdlib::IP::Address::V6::Nosubnet::Compressed": _whole(_V6_COMPRESSED),
    "Stdlib::IP::Address::V6::Nosubnet::Alternative": _whole(_V6_ALTERNATIVE),
    "Stdlib::HTTPUrl": r"Pattern[/\A(?i:https?:\/\/.*)\z/]",
    "Stdlib::HTTPSUrl": r"Pattern[/\A(?i:https:\/\/.*)\z/]",
    "Stdlib::Http::Status": "Integer[100, 599]",
    "Stdlib::HttpStatus": "Stdlib::Http::Status",
    "Stdlib::Http::Method": _enum(
        "ACL BASELINE-CONTROL BIND CHECKIN CHECKOUT CONNECT COPY DELETE GET HEAD LABEL LINK LOCK MERGE MKACTIVITY "
        "MKCALENDAR MKCOL MKREDIRECTREF MKWORKSPACE MOVE OPTIONS ORDERPATCH PATCH POST PRI PROPFIND PROPPATCH PUT "
        "REBIND REPORT SEARCH TRACE UNBIND UNCHECKOUT UNLINK UNLOCK UPDATE UPDATEREDIRECTREF VERSION-CONTROL"
    ),
    "Stdlib::ObjectStore": "Variant[Stdlib::ObjectStore::GSUri, Stdlib::ObjectStore::S3Uri]",
    "Stdlib::ObjectStore::GSUri": _whole(r"gs:\/\/.*"),
    "Stdlib::ObjectStore::S3Uri": _whole(r"s3:\/\/.*"),
    "Stdlib::Email": _whole(rf"[\w.!#$%&'*+\/=?^`{{|}}~-]+@{_MAIL_LABEL}(?:\.{_MAIL_LABEL})*"),
    "Stdlib::MAC": _whole(r"(?:\h{2}[:-]){5}\h{2}", r"(?:\h{2}[:-]){19}\h{2}"),
    "Stdlib::Base64": _whole(r"[a-zA-Z\d\/+]+={0,2}"),
    "Stdlib::Base32": _whole("[a-z2-7]+={0,6}", "[A-Z2-7]+={0,6}"),
    "Stdlib::Yes_no": r"Pattern[/\A(?i:yes|no)\z/]",
    "Stdlib::Datasize": r"Pattern[/^\d+[BbKkMmGgTt]$|^\d+[KkMmGgTt][Bb]$/]",
    "Stdlib::Syslogfacility": _enum(
        "kern user mail daemon auth syslog lpr news uucp cron authpriv ftp ntp security console solaris-cron local0 "
        "local1 local2 local3 local4 local5 local6 local7"
    ),
    "Stdlib::CreateResources": "Hash[String[1], Hash[String[1], Any]]",
    "Stdlib::Ensure::File": _enum("present file directory link absent"),
    "Stdlib::Ensure::File::Directory": _enum("directory absent"),
    "Stdlib::Ensure::File::File": _enum("file absent"),
    "Stdlib::Ensure::File::Link": _enum("link absent"),
    "Stdlib::Ensure::Package": f"Variant[{_enum('present absent purged disabled installed latest')}, String[1]]",
    "Stdlib::Ensure::Service": _enum("stopped running"),
    "Stdlib::Compat::String": "String",
    "Stdlib::Compat::Array": "Array",
    "Stdlib::Compat::Hash": "Hash",
    "Stdlib::Compat::Bool": "Boolean",
    "Stdlib::Compat::Absolute_path": "Stdlib::Absolutepath",
    "Stdlib::Compat::Integer": "Variant[Integer, " + _whole(r"[-+]?\d+") + "]",
}
