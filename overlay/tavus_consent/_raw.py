"""The generated client, bound to our transport."""

from __future__ import annotations

from typing import Any, NoReturn

from tavus_api.client import AuthenticatedClient

from . import errors
from ._frames import hides_locals
from ._redaction import redact_url


@hides_locals
class RawClient(AuthenticatedClient):
    """What generated functions take as ``client=``: ``create_replica.sync(client=tavus.raw, body=...)``.

    It has the transport, retries, errors and redaction of the :class:`Tavus` it belongs to. It passes the consent gate
    by: what a generated function sends is sent as it is.
    """

    def __repr__(self) -> str:
        return f"{type(self).__name__}(base_url={redact_url(self._base_url)!r})"

    def _refuse(self, *_: Any, **__: Any) -> NoReturn:
        raise errors.ConfigurationError(
            "the generated with_headers, with_cookies and with_timeout would change every user of this client; "
            "use tavus.with_options(headers=..., timeout=...).raw"
        )

    with_headers = with_cookies = with_timeout = _refuse
