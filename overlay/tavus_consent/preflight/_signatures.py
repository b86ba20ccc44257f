"""Check that the signature of a link is complete and allows anyone to download. Pure. The schemes are data below."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Final, NamedTuple

from ._expiry import policy_addresses
from ._link_rules import LinkVerdict

_WEEK: Final = 604_800
_SIGN_ANEW: Final = "Sign the link again, for GET."
_COPY_ANEW: Final = "Copy the whole link again, in quotes if a shell reads it."
# A plain GET sends these headers, though perhaps with other values.
_SENT_BY_GET: Final = {"host", "accept", "accept-encoding", "connection", "range", "user-agent"}
# & and ? as escaped in HTML, in XML and in URLs inside URLs.
_AS_TEXT: Final = re.compile(r"&amp;|(?:%26|#0*38;|#x26;|%3f)x-(?:amz|goog|oss|tos)-", re.ASCII | re.IGNORECASE)
_ESCAPED: Final = re.compile(r"%(?:25)*[0-9A-Fa-f]{2}")


class Flaw(NamedTuple):
    """A flaw of a signature.

    Attributes:
        verdict: ``refuse`` if the link cannot work, ``warn`` if it might not work.
        code: A stable word for programs.
        problem: The problem, as the rest of a sentence that starts with the link.
        fix: The advice.
    """

    verdict: LinkVerdict
    code: str
    problem: str
    fix: str = _SIGN_ANEW


class Scheme(NamedTuple):
    """A scheme for signed links, described by its parameters. All names are in lower case.

    Attributes:
        name: The name to show to people.
        marks: Parameters that identify the scheme: a link that has one of them uses it.
        half_marks: Parameters that identify the scheme only on ``half_hosts``. Elsewhere they have other meanings.
        half_hosts: The hosts for ``half_marks``, including their subdomains.
        needs: The parameters of a complete signature.
        signature: The parameter that contains the signature itself.
        hosts: Hosts, including their subdomains, that always check the signature. Other hosts may ignore it.
        week_hosts: Hosts that reject a signature for more than 7 days.
        duration: The parameter that contains the validity in seconds, or an empty string.
        headers: The parameter that lists the signed headers, or an empty string.
        scope: The parameter that contains the credential, or an empty string.
        upload: Parameters that only links for uploads have.
        temporary: Parameters of temporary credentials.
        source: The source of this description.
        as_of: The month in which the source was read, as in ``2026-11``.
    """

    name: str
    marks: tuple[str, ...]
    needs: tuple[str, ...]
    signature: str
    hosts: tuple[str, ...]
    source: str
    half_marks: tuple[str, ...] = ()
    half_hosts: tuple[str, ...] = ()
    week_hosts: tuple[str, ...] = ()
    duration: str = ""
    headers: str = ""
    scope: str = ""
    upload: tuple[str, ...] = ()
    temporary: tuple[str, ...] = ()
    as_of: str = "2026-11"


_S3_HOSTS: Final = (
    *("amazonaws.com", "amazonaws.com.cn", "r2.cloudflarestorage.com", "storage.googleapis.com", "backblazeb2.com"),
    *("digitaloceanspaces.com", "wasabisys.com", "scw.cloud", "linodeobjects.com", "vultrobjects.com"),
    *("yandexcloud.net", "your-objectstorage.com", "cloud.ovh.net", "tigris.dev"),
)

SCHEMES: Final[tuple[Scheme, ...]] = (
    Scheme(
        name="AWS Signature Version 4",
        marks=("x-amz-algorithm", "x-amz-credential", "x-amz-signature"),
        needs=(
            *("x-amz-algorithm", "x-amz-credential", "x-amz-date", "x-amz-expires", "x-amz-signedheaders"),
            *("x-amz-signature",),
        ),
        signature="x-amz-signature",
        hosts=_S3_HOSTS,
        week_hosts=("amazonaws.com", "amazonaws.com.cn", "storage.googleapis.com", "r2.cloudflarestorage.com"),
        duration="x-amz-expires",
        headers="x-amz-signedheaders",
        scope="x-amz-credential",
        upload=(
            *("uploadid", "x-amz-acl", "x-amz-sdk-checksum-algorithm", "x-amz-checksum-crc32", "x-amz-storage-class"),
            *("x-amz-server-side-encryption", "x-amz-tagging", "x-amz-copy-source"),
        ),
        temporary=("x-amz-security-token",),
        source="https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html; aws/aws-cli, issue 5464; "
        "https://developers.cloudflare.com/r2/api/s3/presigned-urls (7 days there, too); "
        "aws/aws-sdk-js-v3, issue 5577",
    ),
    Scheme(
        name="Google V4 signature",
        marks=("x-goog-algorithm", "x-goog-credential", "x-goog-signature"),
        needs=(
            *("x-goog-algorithm", "x-goog-credential", "x-goog-date", "x-goog-expires", "x-goog-signedheaders"),
            *("x-goog-signature",),
        ),
        signature="x-goog-signature",
        hosts=("storage.googleapis.com",),
        week_hosts=("storage.googleapis.com",),
        duration="x-goog-expires",
        headers="x-goog-signedheaders",
        scope="x-goog-credential",
        upload=("x-goog-resumable", "upload_id"),
        source="https://cloud.google.com/storage/docs/authentication/signatures",
    ),
    Scheme(
        name="AWS Signature Version 2",
        marks=("awsaccesskeyid",),
        half_marks=("expires", "signature"),
        half_hosts=("s3.amazonaws.com",),
        needs=("awsaccesskeyid", "signature", "expires"),
        signature="signature",
        hosts=_S3_HOSTS,
        upload=("uploadid",),
        temporary=("x-amz-security-token",),
        source="https://docs.aws.amazon.com/AmazonS3/latest/userguide/RESTAuthentication.html",
    ),
    Scheme(
        name="Google V2 signature",
        marks=("googleaccessid",),
        needs=("googleaccessid", "signature", "expires"),
        signature="signature",
        hosts=("storage.googleapis.com",),
        source="https://cloud.google.com/storage/docs/access-control/signed-urls-v2",
    ),
    Scheme(
        name="CloudFront signature",
        marks=("key-pair-id",),
        half_marks=("expires", "signature", "policy"),
        half_hosts=("cloudfront.net",),
        needs=("key-pair-id", "signature"),
        signature="signature",
        hosts=(),  # a distribution may require no signature
        source="https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-signed-urls.html",
    ),
    Scheme(
        name="Alibaba OSS signature",
        marks=("x-oss-signature-version", "x-oss-credential", "x-oss-signature"),
        needs=("x-oss-signature-version", "x-oss-expires", "x-oss-signature"),
        signature="x-oss-signature",
        hosts=("aliyuncs.com",),
        headers="x-oss-additional-headers",
        scope="x-oss-credential",
        upload=("uploadid", "x-oss-object-acl"),
        temporary=("x-oss-security-token",),
        source="https://www.alibabacloud.com/help/en/oss/developer-reference/add-signatures-to-urls",
    ),
    Scheme(
        name="Alibaba OSS signature",
        marks=("ossaccesskeyid",),
        needs=("ossaccesskeyid", "signature", "expires"),
        signature="signature",
        hosts=("aliyuncs.com",),
        temporary=("security-token",),
        source="https://www.alibabacloud.com/help/en/oss/developer-reference/ddd-signatures-to-urls",
    ),
    Scheme(
        name="Tencent COS signature",
        marks=("q-sign-algorithm", "q-signature", "q-ak"),
        needs=("q-sign-algorithm", "q-ak", "q-sign-time", "q-key-time", "q-signature"),
        signature="q-signature",
        hosts=("myqcloud.com", "tencentcos.cn"),
        headers="q-header-list",
        temporary=("x-cos-security-token",),
        source="https://www.tencentcloud.com/document/product/436/7778",
    ),
    Scheme(
        name="Azure shared access signature",
        marks=("sig",),
        half_marks=("sv", "sp", "se", "sr", "spr"),
        half_hosts=("core.windows.net", "core.chinacloudapi.cn", "core.usgovcloudapi.net", "storage.azure.net"),
        needs=("sig",),
        signature="sig",
        hosts=("core.windows.net", "core.chinacloudapi.cn", "core.usgovcloudapi.net", "storage.azure.net"),
        source="https://learn.microsoft.com/rest/api/storageservices/create-service-sas",
    ),
)


def find_flaws(host: str, path: str, raw_query: str, fragment: str, query: Mapping[str, str]) -> Iterator[Flaw]:
    """Find the flaws of the signature of a link, the most severe first."""
    text = f"{path}?{raw_query}#{fragment}"
    # Make the cheap test first, because almost no link passes it.
    if ("amp;" in text or "%26" in text or "%3" in path or fragment) and _AS_TEXT.search(text):
        yield Flaw(
            verdict="refuse" if _is_signed(text) else "warn",
            code="escaped",
            problem="was copied from HTML or encoded as a whole: it has &amp; or %26 in place of &",
            fix="Copy the link itself, with plain & and ?.",
        )
        return
    whole, half = _schemes_by_mark()
    seen = {id(scheme): scheme for name in query for scheme in whole.get(name, ())}
    yield from filter(None, (_flaw_of(scheme, host, query) for scheme in seen.values()))
    for scheme in {id(one): one for name in query for one in half.get(name, ())}.values():
        if id(scheme) not in seen and _within(host, scheme.half_hosts):
            yield Flaw(
                verdict="warn",
                code="signature_incomplete",
                problem="lacks a part of its signature",
                fix=_COPY_ANEW,
            )
    yield from _azure(host, query)
    yield from _addresses(query)


_TEMPORARY: Final = frozenset(name for scheme in SCHEMES for name in scheme.temporary)


def temporary_credentials(query: Mapping[str, str]) -> bool:
    """Return True if a link was signed with temporary credentials, which may expire before the link does."""
    return not _TEMPORARY.isdisjoint(query)


@lru_cache(maxsize=1)
def _schemes_by_mark() -> tuple[Mapping[str, list[Scheme]], Mapping[str, list[Scheme]]]:
    whole: dict[str, list[Scheme]] = {}
    half: dict[str, list[Scheme]] = {}
    for scheme in SCHEMES:
        for name in scheme.marks:
            whole.setdefault(name, []).append(scheme)
        for name in scheme.half_marks:
            half.setdefault(name, []).append(scheme)
    return whole, half


def _is_signed(text: str) -> bool:
    names = "|".join((*(name for scheme in SCHEMES for name in scheme.marks), "expires", "signature", "token", "hmac"))
    return re.search(rf"(?:^|[^\w-])(?:{names})(?:=|%3d)", text, re.ASCII | re.IGNORECASE) is not None


@lru_cache(maxsize=64)
def _within(host: str, domains: tuple[str, ...]) -> bool:
    name = host.rstrip(".")
    return any(name == domain or name.endswith(f".{domain}") for domain in domains)


def _flaw_of(scheme: Scheme, host: str, query: Mapping[str, str]) -> Flaw | None:
    is_checked = _within(host, scheme.hosts)
    operation = query.get("x-id", "getobject").lower()
    if operation != "getobject" or any(name in query for name in scheme.upload):
        return Flaw(verdict="refuse", code="upload_link", problem="was not signed for a download")
    given = query.get(scheme.scope, "") + query.get(scheme.signature, "")
    if "%" in given and _ESCAPED.search(given):
        return Flaw(
            verdict="refuse",
            code="encoded_twice",
            problem="was encoded twice: its signature has %25 in place of %",
            fix="Use the link as the signer gave it.",
        )
    missing = [name for name in scheme.needs if not query.get(name)]
    if (missing and is_checked) or scheme.signature in missing:
        return Flaw(
            verdict="refuse" if is_checked else "warn",
            code="signature_incomplete",
            problem=f"lacks a part of its signature ({', '.join(missing)})",
            fix=_COPY_ANEW,
        )
    if is_checked and query.get("x-amz-algorithm") == "AWS4-HMAC-SHA256" and len(query[scheme.signature]) < 64:
        return Flaw(
            verdict="refuse",
            code="signature_incomplete",
            problem="was cut off within its signature",
            fix=_COPY_ANEW,
        )
    headers = query.get(scheme.headers, "host").lower()
    if headers != "host" and not _SENT_BY_GET.issuperset(filter(None, re.split("[;, ]+", headers))):
        return Flaw(
            verdict="refuse",
            code="signed_headers",
            problem="was signed for a request with headers that a download does not send",
            fix="Sign the link again for GET, without content type, ACL and metadata.",
        )
    seconds = query.get(scheme.duration, "")
    if seconds.isdecimal() and len(seconds) < 12 and int(seconds) > _WEEK and _within(host, scheme.week_hosts):
        return Flaw(
            verdict="refuse",
            code="expiry_too_long",
            problem=f"is signed for more than 7 days, which {scheme.name} does not allow here",
            fix="Sign the link again, for 48 hours (172800 seconds).",
        )
    return None


def _azure(host: str, query: Mapping[str, str]) -> Iterator[Flaw]:
    if not (query.get("sig") and query.get("sv")):
        return
    allowed = query.get("sp", "").lower()
    if ("r" not in allowed) if allowed else not query.get("si"):
        yield Flaw(
            verdict="refuse",
            code="upload_link" if allowed else "signature_incomplete",
            problem="has a SAS without the permission to read (r in sp)",
            fix="Create a SAS with read permission.",
        )
    elif query.get("srt") and "o" not in query["srt"].lower():
        yield Flaw(
            verdict="refuse",
            code="signature_scope",
            problem="has a SAS that does not cover objects (o in srt)",
            fix="Create a SAS for objects.",
        )
    elif query.get("ss") and "b" not in query["ss"].lower() and ".blob." in host:
        yield Flaw(
            verdict="refuse",
            code="signature_scope",
            problem="has a SAS that does not cover blobs (b in ss)",
            fix="Create a SAS for blobs.",
        )
    if query.get("sip"):
        yield _BOUND


_BOUND: Final = Flaw(
    verdict="warn",
    code="bound_to_address",
    problem="works only from certain network addresses, which Tavus may not have",
    fix="Sign the link again, without a limit to addresses.",
)


def _addresses(query: Mapping[str, str]) -> Iterator[Flaw]:
    """Warn about a CloudFront policy that is limited to addresses. The expiry check reports malformed policies."""
    policy = query.get("policy")
    if not policy or "key-pair-id" not in query:
        return
    if any(not one.endswith("/0") for one in policy_addresses(policy)):
        yield _BOUND
