"""Which directory of Let's Encrypt holds the certificate of a name."""

from __future__ import annotations

import os
from typing import Final

from hiera.values import Value
from runner.facts.place import Place

_PLACES: Final = ("etc/letsencrypt/live", "etc/certbot/live")


def gather(place: Place) -> dict[str, Value]:
    """Return the fact ``letsencrypt_directory``."""
    found: dict[str, Value] = {}
    live = next((path for item in _PLACES if os.path.isdir(path := os.path.join(place.root, item))), None)
    for name in sorted(os.listdir(live)) if live is not None else ():
        for host in _hosts(os.path.join(str(live), name, "cert.pem")):
            found[host] = os.path.join("/", os.path.relpath(os.path.join(str(live), name), place.root))
    return {"letsencrypt_directory": found}


def _hosts(path: str) -> list[str]:
    """Return the names that a certificate is for, none where there is no certificate."""
    from cryptography import x509  # noqa: PLC0415  only a machine with certificates needs it

    try:
        with open(path, "rb") as stream:
            certificate = x509.load_pem_x509_certificate(stream.read())
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (OSError, ValueError, x509.ExtensionNotFound):
        return []
    return list(names.get_values_for_type(x509.DNSName))
