"""Further members of a create: what ``extra=`` may add to a request that the consent gate has checked."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, Final

from tavus_consent import errors
from tavus_consent._arguments import check_extra

_LIKENESS: Final = frozenset(
    {
        "train_video_url",
        "train_image_url",
        "consent_video_url",
        "callback_url",
        "replica_name",
        "face_name",
        "model_name",
        "voice_name",
        "default_voice_id",
        "auto_fix_training_image",
        "properties",
    }
)
# A link, a file in the request, or the name of a member that has one or the id of a likeness.
_UNCHECKED: Final = re.compile(r'://|"data:|_(?:base64|bytes|data|file|id|key|uri|url|uuid)s?":', re.IGNORECASE)


def further(extra: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return the further members of the create of a likeness.

    Raises:
        InvalidRequestError: One of them has an argument of its own, or may be media of a person or the id of a
            likeness. The gate does not know such a member, so it cannot ask for consent.
    """
    members = check_extra(extra, _LIKENESS)
    try:
        text = json.dumps(members, separators=(",", ":"))
    except (TypeError, ValueError, RecursionError):
        text = None
    if text is None:  # not raised above, because the caught error may contain a value
        raise errors.InvalidRequestError("extra cannot be written as JSON", field="extra")
    if _UNCHECKED.search(text):
        raise errors.InvalidRequestError(
            "extra has a link, a file or an id, which may be of a person: a create sends only those that the consent "
            "gate knows. Use a newer version of this package, or tavus.raw and take care of consent yourself.",
            field="extra",
            reason="unchecked",
        )
    return members
