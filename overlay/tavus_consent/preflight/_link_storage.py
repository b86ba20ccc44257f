"""Storage and content delivery, and the forms of their links that give a file. Data; see ``_link_rules``.

To add a service, add a ``Provider`` with an example for each form, and run ``scripts/list_links.py``. Set ``source`` to
the page that describes the form. Use ``SEEN`` or ``KNOWN`` if no page does.
"""

from __future__ import annotations

from typing import Final

from ._link_rules import LinkRule, Provider

SEEN: Final = "addresses of this form in public code, looked up 2026-11-28"
KNOWN: Final = "general knowledge, not looked up"

_OBJECT: Final = "Give the link of one object, public or presigned for GET."
_NO_OBJECT: Final = "names a bucket or a folder, not a file"
NEEDS_HEADER: Final = "needs a header with a key or a token, which Tavus does not send"
UPLOAD: Final = "is for uploading"
_METADATA: Final = "answers with a description of the file, not with the file"
_UNSIGNED: Final = "!x-amz-signature|x-amz-algorithm|x-amz-credential|signature"

STORAGE: Final[tuple[Provider, ...]] = (
    Provider(
        name="Amazon S3",
        hosts=("*.amazonaws.com", "*.amazonaws.com.cn"),
        fix=_OBJECT,
        source="https://docs.aws.amazon.com/AmazonS3/latest/userguide/WebsiteEndpoints.html and VirtualHosting.html",
        rules=(
            LinkRule(
                verdict="refuse",
                host=r".+\.s3-website[.-][a-z0-9-]+\.amazonaws\.com(?:\.cn)?",
                code="no_https",
                problem="is a website endpoint of S3, which does not speak https",
                fix="Use the bucket's REST endpoint (bucket.s3.region.amazonaws.com) or CloudFront.",
                example="https://rio-bucket.s3-website-us-east-1.amazonaws.com/train.mp4",
            ),
            LinkRule(
                verdict="refuse",
                # An access point of a region or an outpost has more than one label of its own.
                host=r"(?!.*\.(?:accesspoint|s3-outposts|vpce)\.)[^.]+(?:\.[^.]+)+\.s3(?:-[a-z0-9-]+)?(?:\.[a-z0-9-]+){0,2}"
                r"\.amazonaws\.com(?:\.cn)?",
                code="certificate",
                problem="has a bucket with dots in the host, which the certificate of S3 does not cover",
                fix="Write the bucket in the path: https://s3.region.amazonaws.com/bucket/key.",
                example="https://my.videos.s3.us-east-1.amazonaws.com/train.mp4",
            ),
            LinkRule(
                verdict="warn",
                host=r"[^.]+\.(?:s3|s3express)[a-z0-9.-]*\.amazonaws\.com(?:\.cn)?",
                path=r"/(?:.*/)?",
                code="not_a_file",
                problem=_NO_OBJECT,
                example="https://rio-bucket.s3.us-east-1.amazonaws.com/",
            ),
            LinkRule(
                verdict="warn",
                host=r"s3(?:-[a-z0-9-]+)?(?:\.dualstack)?(?:\.(?!s3\.)[a-z0-9-]+)?\.amazonaws\.com(?:\.cn)?",
                path=r"/[^/]*|/.*/",
                code="not_a_file",
                problem=_NO_OBJECT,
                example="https://s3.us-east-1.amazonaws.com/rio-bucket",
            ),
            LinkRule(
                verdict="refuse",
                query=(
                    "response-content-disposition|response-content-type|response-cache-control|response-expires",
                    _UNSIGNED,
                ),
                code="needs_signature",
                problem="has response-... parameters, which S3 accepts in signed links only",
                fix="Presign the link, or leave these parameters out.",
                example="https://rio-bucket.s3.us-east-1.amazonaws.com/train.mp4?response-content-type=video%2Fmp4",
            ),
            LinkRule(
                verdict="accept",
                host=r".*s3.*",
                example="https://rio-bucket.s3.us-east-1.amazonaws.com/train.mp4",
            ),
        ),
    ),
    Provider(
        name="the AWS console",
        hosts=("*.console.aws.amazon.com", "*.console.amazonaws-us-gov.com", "*.console.amazonaws.cn"),
        fix="Make a presigned or public URL of the object itself.",
        source=KNOWN,
        rules=(
            LinkRule(
                verdict="refuse", path=".*", example="https://s3.console.aws.amazon.com/s3/object/rio?prefix=train.mp4"
            ),
        ),
    ),
    Provider(
        name="Cloudflare R2",
        hosts=("*.r2.cloudflarestorage.com",),
        fix="Presign the link, or use the bucket's public address (r2.dev or your own domain).",
        source="https://developers.cloudflare.com/r2/buckets/public-buckets/",
        rules=(
            LinkRule(
                verdict="refuse",
                query=(_UNSIGNED,),
                code="needs_signature",
                problem="is R2's API, which answers signed requests only",
                example="https://0123456789abcdef0123456789abcdef.r2.cloudflarestorage.com/rio/train.mp4",
                path=".*",
            ),
        ),
    ),
    Provider(
        name="the Cloudflare dashboard",
        hosts=("=dash.cloudflare.com",),
        fix="Presign the object, or use the bucket's public address.",
        source=KNOWN,
        rules=(
            LinkRule(verdict="refuse", path=".*", example="https://dash.cloudflare.com/abc/r2/default/buckets/rio"),
        ),
    ),
    Provider(
        name="Google Cloud Storage",
        hosts=("*.storage.googleapis.com", "=www.googleapis.com", "=commondatastorage.googleapis.com"),
        fix=_OBJECT,
        source="https://cloud.google.com/storage/docs/request-endpoints",
        rules=(
            LinkRule(
                verdict="refuse",
                path=r"/(?:resumable/)?upload/.*",
                code="upload_link",
                problem=UPLOAD,
                example="https://storage.googleapis.com/upload/storage/v1/b/rio/o?name=train.mp4",
            ),
            LinkRule(
                verdict="refuse",
                path=r"(?:/download)?/storage/v1/b/.*",
                query=("!alt=media",),
                code="not_a_file",
                problem=_METADATA,
                fix="Add alt=media, or use https://storage.googleapis.com/bucket/object.",
                example="https://storage.googleapis.com/storage/v1/b/rio/o/train.mp4",
            ),
            LinkRule(
                verdict="warn",
                host=r"[^.]+(?:\.[^.]+)+\.storage\.googleapis\.com",
                code="certificate",
                problem="has a bucket with dots in the host, which the certificate may not cover",
                fix="Write the bucket in the path: https://storage.googleapis.com/bucket/object.",
                example="https://my.videos.storage.googleapis.com/train.mp4",
            ),
            LinkRule(
                verdict="warn",
                host=r"(?:storage|commondatastorage)\.googleapis\.com",
                path=r"/[^/]*|/.*/",
                code="not_a_file",
                problem=_NO_OBJECT,
                example="https://storage.googleapis.com/rio-bucket/",
            ),
            LinkRule(
                verdict="warn",
                host=r"[^.]+\.storage\.googleapis\.com",
                path=r"/(?:.*/)?",
                code="not_a_file",
                problem=_NO_OBJECT,
                example="https://rio-bucket.storage.googleapis.com/",
            ),
            LinkRule(
                verdict="warn",
                path=r"/drive/v[23]/files/.*",
                query=("!key|access_token",),
                code="needs_sign_in",
                problem=NEEDS_HEADER,
                example="https://www.googleapis.com/drive/v3/files/1AbC?alt=media",
            ),
            LinkRule(
                verdict="refuse",
                path=r"/drive/v[23]/files/.*",
                query=("!alt=media",),
                code="not_a_file",
                problem=_METADATA,
                example="https://www.googleapis.com/drive/v3/files/1AbC?key=abc",
            ),
            LinkRule(
                verdict="accept",
                host=r"(?:storage|commondatastorage)\.googleapis\.com|[^.]+\.storage\.googleapis\.com",
                example="https://storage.googleapis.com/rio-bucket/train.mp4",
            ),
        ),
    ),
    Provider(
        name="Google Cloud Storage for browsers",
        hosts=("=storage.cloud.google.com",),
        fix="Make a presigned or public URL of the object itself (storage.googleapis.com).",
        source="https://cloud.google.com/storage/docs/request-endpoints",
        rules=(
            LinkRule(
                verdict="refuse",
                path=".*",
                problem="leads to a page of Google Cloud Storage for browsers, not to the video file",
                example="https://storage.cloud.google.com/rio-bucket/train.mp4",
            ),
        ),
    ),
    Provider(
        name="the Google Cloud console",
        hosts=("=console.cloud.google.com", "=console.firebase.google.com"),
        fix="Make a presigned or public URL of the object itself.",
        source=KNOWN,
        rules=(
            LinkRule(
                verdict="refuse", path=".*", example="https://console.firebase.google.com/project/rio/storage/files"
            ),
        ),
    ),
    Provider(
        name="Firebase Storage",
        hosts=("=firebasestorage.googleapis.com",),
        fix="Use the download URL that Firebase gives (with alt=media).",
        source="https://firebase.google.com/docs/storage/web/download-files",
        rules=(
            LinkRule(
                verdict="refuse",
                path=r"/v0/b/[^/]+/o(?:/.*)?",
                query=("!alt=media",),
                code="not_a_file",
                problem=_METADATA,
                fix="Add alt=media.",
                example="https://firebasestorage.googleapis.com/v0/b/rio.appspot.com/o/videos%2Ftrain.mp4",
            ),
            LinkRule(
                verdict="warn",
                path=r"/v0/b/[^/]+/o/[^/]*/.*",
                code="not_a_file",
                problem="has slashes in the object's name that are not encoded",
                fix="Write %2F for a slash in the object's name.",
                example="https://firebasestorage.googleapis.com/v0/b/rio.appspot.com/o/videos/train.mp4?alt=media",
            ),
            LinkRule(
                verdict="accept",
                example="https://firebasestorage.googleapis.com/v0/b/rio.appspot.com/o/videos%2Ftrain.mp4?alt=media",
            ),
        ),
    ),
    Provider(
        name="Azure Blob Storage",
        hosts=(
            *("*.blob.core.windows.net", "*.blob.core.chinacloudapi.cn", "*.blob.core.usgovcloudapi.net"),
            *("*.blob.storage.azure.net",),
        ),
        fix="Give the link of one blob, public or with a SAS that may read it.",
        source="https://learn.microsoft.com/rest/api/storageservices/create-service-sas",
        rules=(
            LinkRule(
                verdict="refuse",
                query=("comp=list",),
                path=".*",
                code="not_a_file",
                problem="lists a container",
                example="https://rio.blob.core.windows.net/videos?restype=container&comp=list",
            ),
            LinkRule(
                verdict="warn",
                path=r"/(?:[^/.]*|.*/)",
                code="not_a_file",
                problem="names a container or a folder, not a blob",
                example="https://rio.blob.core.windows.net/videos?sv=2024-11-04&sp=rl&sr=c&sig=abc",
            ),
            LinkRule(verdict="accept", example="https://rio.blob.core.windows.net/videos/train.mp4"),
        ),
    ),
    Provider(
        name="the Azure portal",
        hosts=("=portal.azure.com", "=portal.azure.us", "=portal.azure.cn"),
        fix="Make a SAS URL of the blob itself.",
        source=KNOWN,
        rules=(LinkRule(verdict="refuse", path=".*", example="https://portal.azure.com/#view/x"),),
    ),
)
