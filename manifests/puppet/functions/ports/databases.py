"""Functions of the modules mysql, postgresql and mongodb."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re

from hiera.ruby_text import ruby_text
from hiera.types import Sensitive
from hiera.values import Value
from manifests.functions.passwords import clear
from manifests.functions.paths import dirname
from manifests.puppet.functions.base import Invocation


def deepmerge(*tables: Value) -> dict[str, Value]:
    """Return the mappings as one; keys that differ only in ``-`` and ``_`` are the same, the last spelling stays."""
    if len(tables) < 2:
        raise ValueError("expects at least two hashes")
    merged: dict[str, Value] = {}
    for table in tables:
        if table == "":
            continue
        if not isinstance(table, dict):
            raise ValueError("expects only hashes")  # noqa: TRY004  the author's mistake
        merged = _overlaid(merged, table)
    return merged


def _overlaid(under: dict[str, Value], over: dict[str, Value]) -> dict[str, Value]:
    result = dict(under)
    for key, value in over.items():
        other = key.replace("-", "_") if "-" in key else key.replace("_", "-")
        if key not in result and other in result:
            result[key] = result.pop(other)
        mine = result.get(key)
        result[key] = _overlaid(mine, value) if isinstance(mine, dict) and isinstance(value, dict) else value
    return result


def mysql_password(password: Value, sensitive: bool = False) -> Value:  # noqa: FBT001, FBT002  the function's own
    """Return the password as MySQL's ``mysql_native_password`` keeps it; a hash stays."""
    plain = clear(password)
    if plain and not re.search(r"^\*[A-F0-9]{40}$", plain, re.MULTILINE):
        inner = hashlib.sha1(plain.encode(), usedforsecurity=False).digest()
        plain = "*" + hashlib.sha1(inner, usedforsecurity=False).hexdigest().upper()
    return Sensitive(plain) if sensitive else plain


def strip_hash(table: dict[str, Value]) -> dict[str, Value]:
    """Return a mapping without the keys whose value is the empty text."""
    return {key: value for key, value in table.items() if value != ""}


def innobackupex_args(
    user: Value, compress: bool, password: Value, databases: list[str], more: list[str]  # noqa: FBT001  as above
) -> str:  # fmt: skip
    """Return the arguments for innobackupex."""
    text = f'--user="{user}" --password="{password}"' if user is not None and password is not None else ""
    text += " --compress" if compress else ""
    text += f' --databases="{" ".join(databases)}"' if databases else ""
    return text + "".join(f" {one}" for one in more)


def acls_to_resources(acls: list[str], name: str, offset: int) -> dict[str, Value]:
    """Return the rules of ``pg_hba.conf`` that lines describe, as resources."""
    rules: dict[str, Value] = {}
    for acl in acls:
        place, parts = acls.index(acl), acl.split()
        if len(parts) < 4:
            raise ValueError(f"line {place} has not enough parts")
        rule: dict[str, Value] = {
            "type": parts[0],
            "database": parts[1],
            "user": parts[2],
            "order": f"{offset + place:03d}",
        }
        if parts[0] == "local":
            rest = parts[3:]
        elif len(parts) > 4 and parts[4][:1].isdigit():
            rule["address"], rest = f"{parts[3]} {parts[4]}", parts[5:]
        else:
            rule["address"], rest = parts[3], parts[4:]
        rule["auth_method"] = rest[0] if rest else None
        if len(rest) > 1:
            rule["auth_option"] = " ".join(rest[1:])
        rules[f"postgresql class generated rule {name} {place}"] = rule
    return rules


def postgresql_password(  # noqa: PLR0917  the function's own form
    call: Invocation, user: Value, password: Value, sensitive: bool = False, how: Value = None, salt: Value = None  # noqa: FBT001, FBT002  as above
) -> Value:  # fmt: skip
    """Return a password as PostgreSQL keeps it, by MD5 or SCRAM; a hash stays."""
    from manifests.functions.base import Function, parameters_of  # noqa: PLC0415  for the taint of secrets

    if how is None and call.compilation.loaders.find_function("postgresql::default") is not None:
        how = call.call("postgresql::default", "password_encryption")
    signature = "Any user, Any password, Any sensitive, Any how, Any salt"
    guarded = Function(call.name, _postgresql, signature, parameters_of(signature))
    return guarded(user, password, sensitive, how, salt)


def _postgresql(user: Value, password: Value, sensitive: Value, how: Value, salt: Value) -> Value:
    plain = ruby_text(clear(password))
    if re.search(r"^(md5[0-9a-f]{32}$|SCRAM-SHA-256\$)", plain, re.MULTILINE):
        done = plain
    elif how in {None, "md5"}:
        done = "md5" + hashlib.md5((plain + ruby_text(user)).encode(), usedforsecurity=False).hexdigest()
    elif how == "scram-sha-256":
        done = _scram(plain, ruby_text(salt if salt is not None else user))
    else:
        raise ValueError(f"does not know the hash '{how}'")
    return Sensitive(done) if sensitive else done


_ROUNDS = 4096


def _scram(password: str, salt: str) -> str:
    """Return a password under SCRAM-SHA-256 (RFC 7677) as ``pg_authid`` keeps it."""
    key = hashlib.pbkdf2_hmac("sha256", password.encode(), salt.encode(), _ROUNDS, 32)
    client = hashlib.sha256(hmac.digest(key, b"Client Key", "sha256")).digest()
    server = hmac.digest(key, b"Server Key", "sha256")
    coded = [base64.b64encode(one).decode() for one in (salt.encode(), client, server)]
    return f"SCRAM-SHA-256${_ROUNDS}:{coded[0]}${coded[1]}:{coded[2]}"


def sql_password(password: str) -> str:
    """Return the clause of SQL that sets a password."""
    return f"ENCRYPTED PASSWORD '{password}'"


def postgresql_escape(text: str) -> str:
    """Return a text in dollar quotes, whose tag is made of the text so that it does not occur in it."""
    if "$$" not in text and not text.endswith("$"):
        return f"$${text}$$"
    tag = text
    while True:
        tag = re.sub(r"\d", "", hashlib.md5(tag.encode(), usedforsecurity=False).hexdigest()[:6])
        if not re.search(tag, text):
            return f"${tag}${text}${tag}$"


def mongodb_password(user: str, password: Value, sensitive: bool = False) -> Value:  # noqa: FBT001, FBT002  as above
    """Return the password as MongoDB's MONGODB-CR keeps it."""
    done = hashlib.md5(f"{user}:mongo:{clear(password)}".encode(), usedforsecurity=False).hexdigest()
    return Sensitive(done) if sensitive else done


_ACLS = (acls_to_resources, "Array[String] acls, String[1] name, Integer[0] offset")
_MYSQL = (mysql_password, "Variant[String, Sensitive[String]] password, Boolean sensitive?")
_SHAPE = (
    "Variant[String[1], Integer] user, Variant[String[1], Sensitive[String[1]], Integer] password, Boolean sensitive?, "
    "Optional[Enum['md5', 'scram-sha-256']] how?, Optional[Variant[String[1], Integer]] salt?"
)
_POSTGRESQL = (postgresql_password, _SHAPE, "call")
_INNOBACKUPEX = (
    "Optional[String] user, Boolean compress, Optional[Variant[String, Sensitive[String]]] password, "
    "Array[String[1]] databases, Array[String[1]] more"
)
_MONGODB = (mongodb_password, "String[1] user, Variant[String[1], Sensitive[String[1]]] password, Boolean sensitive?")
TABLE = {
    **dict.fromkeys(
        ("mysql::normalise_and_deepmerge", "mysql::deepmerge", "mysql_deepmerge"), (deepmerge, "Any tables*")
    ),
    **dict.fromkeys(("mysql::password", "mysql_password"), _MYSQL),
    **dict.fromkeys(("mysql::strip_hash", "mysql_strip_hash"), (strip_hash, "Hash table")),
    **dict.fromkeys(("mysql::dirname", "mysql_dirname"), (dirname, "String path")),
    "mysql::innobackupex_args": (innobackupex_args, _INNOBACKUPEX),
    **dict.fromkeys(("postgresql::postgresql_acls_to_resources_hash", "postgresql_acls_to_resources_hash"), _ACLS),
    **dict.fromkeys(("postgresql::postgresql_password", "postgresql_password"), _POSTGRESQL),
    "postgresql::prepend_sql_password": (sql_password, "String password"),
    **dict.fromkeys(("postgresql::postgresql_escape", "postgresql_escape"), (postgresql_escape, "String[1] text")),
    **dict.fromkeys(("mongodb::password", "mongodb_password"), _MONGODB),
}
