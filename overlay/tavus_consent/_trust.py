"""The trusted certificates of a client, checked before the first request, so that problems show early."""

from __future__ import annotations

import os
import ssl
from collections.abc import Mapping
from pathlib import Path
from typing import Final, NamedTuple, TypeAlias

from . import errors

Verify: TypeAlias = ssl.SSLContext | str | os.PathLike[str] | None

CERT_FILE: Final = "SSL_CERT_FILE"
CERT_DIR: Final = "SSL_CERT_DIR"

# OpenSSL's codes for an untrusted issuer. A wrong date or host name needs another remedy.
_UNKNOWN_ISSUER: Final = frozenset({2, 18, 19, 20, 21})
_HINT: Final = (
    f". If a proxy or your company's own authority signed it, pass verify=, or set {CERT_FILE} to a file with that "
    "authority's certificate"
)


def trusted(verify: Verify = None) -> ssl.SSLContext:
    """Create the TLS context of a client.

    Args:
        verify: The caller's own context, or the path of a CA bundle. By default ``SSL_CERT_FILE`` and ``SSL_CERT_DIR``
            name the certificates; without those, certifi's are used.

    Raises:
        ConfigurationError: The value has another type, would verify nothing, or names an unusable file or folder.
    """
    if verify is None:
        named = certificates_named(os.environ)
        if named is not None:
            return _load(*named)
        import certifi

        return ssl.create_default_context(cafile=certifi.where())
    if isinstance(verify, ssl.SSLContext):
        if verify.verify_mode != ssl.CERT_REQUIRED or not verify.check_hostname:
            raise errors.ConfigurationError(
                "verify=: this SSLContext does not verify the server's certificate and host name. Start from "
                "ssl.create_default_context(), which does"
            )
        return verify
    if isinstance(verify, (str, os.PathLike)) and verify:
        path = os.fspath(verify)
        if isinstance(path, str) and "\n" not in path:
            return _load("verify=", path)
    raise errors.ConfigurationError(
        "verify= takes an ssl.SSLContext or the path of a CA bundle. Certificates are always verified: to trust your "
        "own, pass the path of its file"
    )


class Named(NamedTuple):
    """The environment variable that names the trusted certificates, and its value."""

    variable: str
    path: str


def certificates_named(environ: Mapping[str, str]) -> Named | None:
    """Return the variable that names the trusted certificates, if there is one.

    A file takes precedence, as in httpx.
    """
    return next((Named(name, environ[name]) for name in (CERT_FILE, CERT_DIR) if environ.get(name)), None)


def _load(name: str, path: str) -> ssl.SSLContext:
    is_folder = name == CERT_DIR
    problem = _folder_problem(path) if is_folder else _file_problem(path)
    if problem is None:
        try:
            return ssl.create_default_context(cafile=None if is_folder else path, capath=path if is_folder else None)
        except (ssl.SSLError, OSError):
            problem = "it contains no certificate in PEM form"
    raise errors.ConfigurationError(f"{name} names certificates that cannot be used: {problem}: {path}")


def _file_problem(path: str) -> str | None:
    try:
        with Path(path).open("rb"):
            return None
    except (OSError, ValueError) as error:
        return (error.strerror if isinstance(error, OSError) else None) or "a path cannot have such characters"


def _folder_problem(path: str) -> str | None:
    """Return a problem of the folders, because OpenSSL only reads them when it needs a certificate."""
    try:
        if any(any(Path(one).iterdir()) for one in path.split(os.pathsep) if Path(one).is_dir()):
            return None
    except (OSError, ValueError) as error:
        return (error.strerror if isinstance(error, OSError) else None) or "a path cannot have such characters"
    return "the folder does not exist or is empty"


def hint(error: ssl.SSLCertVerificationError) -> str:
    """Return the advice for a refused certificate; empty if only another certificate can help."""
    return _HINT if getattr(error, "verify_code", None) in _UNKNOWN_ISSUER else ""
