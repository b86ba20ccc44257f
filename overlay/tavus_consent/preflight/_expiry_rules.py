"""The forms in which services write the expiry of a link. Data; ``_expiry`` interprets it.

To add a service, add a row with an example. Put more specific rows before more general ones. JSON Web Tokens and tokens
with ``exp=...~`` need no row, because they are read in any parameter or part of the path.
"""

from __future__ import annotations

from typing import Final, NamedTuple

_KNOWN: Final = "general knowledge, not looked up"


class ExpiryForm(NamedTuple):
    """One form of the expiry of a link. A row of :data:`CLOCKS`.

    Attributes:
        scheme: The name of the signing scheme, for people.
        reader: The reader of the form: a key of ``READERS`` in ``_expiry``.
        names: The parameters to read, in lower case, in the order that the reader expects.
        marks: Parameters that identify the form: a link must have one of them.
        beside: Further parameters, of which a link must have one unless this is empty.
        hosts: The hosts of the form, including their subdomains; empty for all hosts.
        is_certain: True if such a link always expires, so that an unreadable end is a finding. Otherwise an unreadable
            end is ignored.
        example: A link that expires at 2026-12-01T12:00:00Z.
        source: The source of this description.
        as_of: The month in which the source was read, as in ``2026-11``.
    """

    scheme: str
    reader: str
    names: tuple[str, ...]
    marks: tuple[str, ...]
    example: str
    source: str
    beside: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()
    is_certain: bool = False
    as_of: str = "2026-11"


# Parameters that accompany an end that a service checks.
_SIGNATURES: Final = (
    *("signature", "sig", "sign", "token", "hash", "hmac", "md5", "s", "st", "hm", "h", "mac", "digest", "key", "auth"),
    *("upsig", "x-signature", "keyname", "policy", "jwt", "security", "code", "access_token", "hdnts", "bcdn_token"),
)
_ENDS: Final = (
    *("expires", "expire", "expiry", "expiration", "exp", "expires_at", "expiresat", "expire_at", "expireat"),
    *("expirationtimestamp", "expiration_timestamp", "expiretime", "expire_time", "expirytime", "x-expires"),
    *("valid_until", "validuntil", "valid_to", "validto", "deadline", "token_expires", "urlexpiry"),
)

CLOCKS: Final[tuple[ExpiryForm, ...]] = (
    ExpiryForm(
        scheme="AWS Signature Version 4",
        reader="span",
        names=("x-amz-date", "x-amz-expires"),
        marks=("x-amz-date", "x-amz-expires", "x-amz-signature"),
        is_certain=True,
        example="https://s3.rio.example/b/v.mp4?X-Amz-Date=20261124T120000Z&X-Amz-Expires=604800&X-Amz-Signature=a",
        source="https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html",
    ),
    ExpiryForm(
        scheme="Google V4 signature",
        reader="span",
        names=("x-goog-date", "x-goog-expires"),
        marks=("x-goog-date", "x-goog-expires", "x-goog-signature"),
        is_certain=True,
        example="https://storage.googleapis.com/b/v.mp4?X-Goog-Date=20261124T120000Z&X-Goog-Expires=604800"
        "&X-Goog-Signature=a",
        source="https://cloud.google.com/storage/docs/access-control/signed-urls",
    ),
    ExpiryForm(
        scheme="Alibaba OSS signature",
        reader="span",
        names=("x-oss-date", "x-oss-expires"),
        marks=("x-oss-expires",),
        beside=("x-oss-date", "x-oss-signature"),
        is_certain=True,
        example="https://b.oss-cn-hangzhou.aliyuncs.com/v.mp4?x-oss-date=20261124T120000Z&x-oss-expires=604800"
        "&x-oss-signature=a",
        source="addresses of V4 (date and seconds) and V2 (Unix seconds) in public code, looked up 2026-11-28",
    ),
    ExpiryForm(
        scheme="Volcengine TOS signature",
        reader="span",
        names=("x-tos-date", "x-tos-expires"),
        marks=("x-tos-expires",),
        beside=("x-tos-date",),
        is_certain=True,
        example="https://b.tos-cn-beijing.volces.com/v.mp4?X-Tos-Date=20261124T120000Z&X-Tos-Expires=604800",
        source=_KNOWN,
    ),
    ExpiryForm(
        scheme="CloudFront policy",
        reader="policy",
        names=("policy",),
        marks=("policy",),
        beside=("key-pair-id", "signature"),
        is_certain=True,
        example="https://d1.cloudfront.net/v.mp4?Policy=eyJTdGF0ZW1lbnQiOlt7IkNvbmRpdGlvbiI6eyJEYXRlTGVzc1RoYW4iOns"
        "iQVdTOkVwb2NoVGltZSI6MTc5NjEyNjQwMH19fV19&Signature=a&Key-Pair-Id=K",
        source="https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-signed-urls.html; "
        "filestack.com, security policies",
    ),
    ExpiryForm(
        scheme="Azure shared access signature",
        reader="iso span",
        names=("st", "se", "skt", "ske"),
        marks=("se",),
        beside=("sig",),
        is_certain=True,
        example="https://rio.blob.core.windows.net/c/v.mp4?sp=r&se=2026-12-01T12%3A00%3A00Z&sig=a",
        source="https://learn.microsoft.com/rest/api/storageservices/create-service-sas",
    ),
    ExpiryForm(
        scheme="signature with Expires",
        reader="seconds",
        names=("expires",),
        marks=("expires",),
        beside=("key-pair-id", "awsaccesskeyid", "googleaccessid", "ossaccesskeyid", "accesskeyid"),
        is_certain=True,
        example="https://d1.cloudfront.net/v.mp4?Expires=1796126400&Signature=a&Key-Pair-Id=K",
        source="https://docs.aws.amazon.com/AmazonS3/latest/userguide/RESTAuthentication.html",
    ),
    ExpiryForm(
        scheme="signature with Expires",
        reader="moment",
        names=("expires",),
        marks=("expires",),
        beside=("signature",),
        is_certain=True,
        example="https://rio.example/v.mp4?expires=1796126400000&signature=hmac-sha256%3Da",
        source="Laravel's signed URLs; uploadthing, packages/shared/src/crypto.ts (milliseconds)",
    ),
    ExpiryForm(
        scheme="Tencent COS signature",
        reader="pair",
        names=("q-sign-time", "q-key-time"),
        marks=("q-sign-time", "q-key-time"),
        is_certain=True,
        example="https://b-1.cos.ap-guangzhou.myqcloud.com/v.mp4?q-sign-time=1795867200%3B1796126400&q-signature=a",
        source="https://www.tencentcloud.com/document/product/436/7778",
    ),
    ExpiryForm(
        scheme="Tencent VOD signature",
        reader="hexadecimal",
        names=("t",),
        marks=("t",),
        beside=("sign",),
        hosts=("myqcloud.com", "vod-qcloud.com"),
        example="https://1.vod2.myqcloud.com/v.mp4?t=6b0eb6c0&sign=a",
        source=_KNOWN,
    ),
    ExpiryForm(
        scheme="Tencent live signature",
        reader="hexadecimal",
        names=("txtime",),
        marks=("txtime",),
        beside=("txsecret",),
        example="https://play.rio.example/v.mp4?txSecret=a&txTime=6b0eb6c0",
        source=_KNOWN,
    ),
    ExpiryForm(
        scheme="Fastly token",
        reader="before underscore",
        names=("token",),
        marks=("token",),
        example="https://cdn.rio.example/v.mp4?token=1796126400_0xabababababababababababababababababababab",
        source=_KNOWN,
    ),
    ExpiryForm(
        scheme="Baidu BOS signature",
        reader="slashes",
        names=("authorization",),
        marks=("authorization",),
        hosts=("bcebos.com",),
        example="https://b.bj.bcebos.com/v.mp4?authorization=bce-auth-v1%2Fak%2F2026-11-24T12:00:00Z%2F604800%2F%2Fa",
        source=_KNOWN,
    ),
    ExpiryForm(
        scheme="Backblaze authorization",
        reader="underscores",
        names=("authorization",),
        marks=("authorization",),
        example="https://f004.backblazeb2.com/file/b/v.mp4?Authorization=3_20261124120000_a_b_000_20261201120000_0_dnld",
        source="https://www.backblaze.com/apidocs/b2-get-download-authorization",
    ),
    ExpiryForm(
        scheme="Discord signature",
        reader="hexadecimal",
        names=("ex",),
        marks=("ex",),
        beside=("hm",),
        example="https://cdn.discordapp.com/attachments/1/2/v.mp4?ex=6b0eb6c0&is=6b0d6140&hm=a",
        source="https://discord.com/developers/docs/reference#signed-attachment-cdn-urls",
    ),
    ExpiryForm(
        scheme="signature of Meta's CDN",
        reader="hexadecimal",
        names=("oe",),
        marks=("oe",),
        beside=("oh",),
        example="https://scontent.cdninstagram.com/v/v.mp4?oh=a&oe=6B0EB6C0",
        source="addresses of fbcdn.net and cdninstagram.com in public code, looked up 2026-11-28",
    ),
    ExpiryForm(
        scheme="CDN77 token",
        reader="after comma",
        names=("secure",),
        marks=("secure",),
        example="https://cdn.rio.example/v.mp4?secure=abc,1796126400",
        source=_KNOWN,
    ),
    ExpiryForm(
        scheme="ImageKit signature",
        reader="moment",
        names=("ik-t",),
        marks=("ik-t",),
        beside=("ik-s",),
        example="https://ik.imagekit.io/rio/v.mp4?ik-t=1796126400&ik-s=a",
        source="https://imagekit.io/docs/media-delivery-basic-security",
    ),
    ExpiryForm(
        scheme="Swift temporary URL",
        reader="moment",
        names=("temp_url_expires",),
        marks=("temp_url_expires",),
        beside=("temp_url_sig",),
        is_certain=True,
        example="https://swift.rio.example/v1/AUTH_a/c/v.mp4?temp_url_sig=a&temp_url_expires=1796126400",
        source="https://docs.openstack.org/swift/latest/api/temporary_url_middleware.html",
    ),
    ExpiryForm(
        scheme="signature with an end",
        reader="moment",
        names=_ENDS,
        marks=_ENDS,
        beside=_SIGNATURES,
        example="https://cdn.rio.example/v.mp4?token=a&expires=1796126400",
        source="Laravel, Bunny, KeyCDN, Gcore, imgix, UploadThing and Notion in public code, looked up 2026-11-28",
    ),
    ExpiryForm(
        scheme="signature with e",
        reader="moment",
        names=("e",),
        marks=("e",),
        beside=("st", "token", "hash", "sig", "signature", "md5", "t", "k", "h"),
        example="https://cdn.rio.example/v.mp4?st=a&e=1796126400",
        source="nginx's secure_link, Qiniu and iCloud in public code, looked up 2026-11-28",
    ),
)

PATHS: Final = (
    # the domain, a regular expression whose group is the end, and the name of the scheme
    (".airtableusercontent.com", r"/v[0-9]/u/[0-9]+/[0-9]+/([0-9]{13})/", "Airtable attachment"),
)
"""Ends that stand in the path without a name: seen in addresses in public code, looked up 2026-11-28."""
