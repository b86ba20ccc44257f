"""The certificates that a client trusts: checked before anything is sent, so that no handshake has to fail first."""

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

# OpenSSL's codes for an issuer that is not trusted. A wrong date or host name needs another remedy.
_UNKNOWN_ISSUER: Final = frozenset({2, 18, 19, 20, 21})
_HINT: Final = (
    f". If a proxy or your company's own authority signed it, pass verify=, or set {CERT_FILE} to a file with that "
    "authority's certificate"
)


def trusted(verify: Verify = None) -> ssl.SSLContext:
    """Make the TLS context of a client.

    Args:
        verify: The caller's own context, or the path of a CA bundle. Without it, ``SSL_CERT_FILE`` and
            ``SSL_CERT_DIR`` name the certificates; without those, they are certifi's.

    Raises:
        ConfigurationError: It is something else, it would verify nothing, or a file or folder cannot be used.
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
        "verify= takes an ssl.SSLContext or the path of a CA bundle. Certificates are always verified: to trust one of "
        "your own, give the path of the file that it is in"
    )


class Named(NamedTuple):
    """The variable of the environment that names the certificates to trust, and its value."""

    variable: str
    path: str


def certificates_named(environ: Mapping[str, str]) -> Named | None:
    """Return the variable that names the certificates to trust, if there is one. A file wins, as in httpx."""
    return next((Named(name, environ[name]) for name in (CERT_FILE, CERT_DIR) if environ.get(name)), None)


def _load(name: str, path: str) -> ssl.SSLContext:
    is_folder = name == CERT_DIR
    problem = _folder_problem(path) if is_folder else _file_problem(path)
    if problem is None:
        try:
            return ssl.create_default_context(cafile=None if is_folder else path, capath=path if is_folder else None)
        except (ssl.SSLError, OSError):
            problem = "it holds no certificate in PEM form"
    raise errors.ConfigurationError(f"{name} names certificates that cannot be used: {problem}: {path}")


def _file_problem(path: str) -> str | None:
    try:
        with Path(path).open("rb"):
            return None
    except (OSError, ValueError) as error:
        return (error.strerror if isinstance(error, OSError) else None) or "no path has such characters"


def _folder_problem(path: str) -> str | None:
    """OpenSSL takes several folders, and looks certificates up in them only when it needs one."""
    try:
        if any(any(Path(one).iterdir()) for one in path.split(os.pathsep) if Path(one).is_dir()):
            return None
    except (OSError, ValueError) as error:
        return (error.strerror if isinstance(error, OSError) else None) or "no path has such characters"
    return "there is no such folder, or nothing is in it"


def hint(error: ssl.SSLCertVerificationError) -> str:
    """What helps against a certificate that was refused; empty where another certificate is what is needed."""
    return _HINT if getattr(error, "verify_code", None) in _UNKNOWN_ISSUER else ""
