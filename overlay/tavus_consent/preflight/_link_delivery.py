"""Application platforms and video delivery, and the forms of their links that give a file. See ``_link_rules``."""

from __future__ import annotations

from typing import Final

from ._link_rules import ANY_HOST, LinkRule, Provider
from ._link_storage import KNOWN, NEEDS_HEADER, SEEN, UPLOAD

DELIVERY: Final[tuple[Provider, ...]] = (
    Provider(
        name="Supabase Storage",
        hosts=(ANY_HOST,),  # projects have their own names, and anyone can host the software
        fix="Use a public link (/object/public/) or createSignedUrl.",
        source="https://supabase.com/docs/guides/storage/serving/downloads and /reference/javascript",
        rules=(
            LinkRule(
                verdict="refuse",
                path=r"/storage/v1/object/upload/sign/.*|/storage/v1/upload/.*",
                code="upload_link",
                problem=UPLOAD,
                fix="Use createSignedUrl, not createSignedUploadUrl.",
                example="https://abc.supabase.co/storage/v1/object/upload/sign/rio/train.mp4?token=abc",
            ),
            LinkRule(
                verdict="refuse",
                path=r"/storage/v1/object/sign/.*",
                query=("!token",),
                code="signature_incomplete",
                problem="lacks its token",
                example="https://abc.supabase.co/storage/v1/object/sign/rio/train.mp4",
            ),
            LinkRule(
                verdict="refuse",
                path=r"/storage/v1/object/(?:authenticated|info|list)/.*",
                code="needs_sign_in",
                problem=NEEDS_HEADER,
                example="https://abc.supabase.co/storage/v1/object/authenticated/rio/train.mp4",
            ),
            LinkRule(
                verdict="accept",
                path=r"/storage/v1/object/(?:public|sign)/.*",
                example="https://abc.supabase.co/storage/v1/object/public/rio/train.mp4",
            ),
            LinkRule(
                verdict="warn",
                path=r"/storage/v1/object/.*",
                code="needs_sign_in",
                problem=NEEDS_HEADER,
                example="https://abc.supabase.co/storage/v1/object/rio/train.mp4",
            ),
        ),
    ),
    Provider(
        name="the Supabase dashboard",
        hosts=("supabase.com", "=app.supabase.com", "=app.supabase.io"),
        fix="Use a public link (/object/public/) or createSignedUrl.",
        source=KNOWN,
        rules=(LinkRule(verdict="refuse", example="https://supabase.com/dashboard/project/abc/storage/buckets/rio"),),
    ),
    Provider(
        name="Vercel Blob",
        hosts=("*.private.blob.vercel-storage.com",),
        fix="Store the file in a public Blob store, or presign a link elsewhere.",
        source="https://vercel.com/docs/vercel-blob",
        rules=(
            LinkRule(
                verdict="warn",
                query=("!signature|sig|token",),
                code="needs_sign_in",
                problem=NEEDS_HEADER,
                example="https://abc.private.blob.vercel-storage.com/train.mp4",
            ),
        ),
    ),
    Provider(
        name="Cloudflare Stream",
        hosts=("*.cloudflarestream.com", "*.videodelivery.net"),
        fix="Enable downloads for the video and use .../downloads/default.mp4.",
        source="https://developers.cloudflare.com/stream/viewing-videos/download-videos/",
        rules=(
            LinkRule(
                verdict="accept",
                path=r"/[^/]+/downloads/.*",
                example="https://customer-abc.cloudflarestream.com/0b1c/downloads/default.mp4",
            ),
            LinkRule(
                verdict="refuse",
                host=r"(?:iframe|watch|embed)\..*",
                path=".*",
                example="https://iframe.videodelivery.net/0b1c",
            ),
            LinkRule(
                verdict="refuse",
                path=r"/[^/]+/(?:watch|iframe)|/[^/.]*",
                example="https://customer-abc.cloudflarestream.com/0b1c/watch",
            ),
        ),
    ),
    Provider(
        name="Bunny Stream",
        hosts=("=iframe.mediadelivery.net", "=player.mediadelivery.net", "=video.bunnycdn.com"),
        fix="Enable MP4 fallback and use https://vz-....b-cdn.net/.../play_720p.mp4.",
        source="https://docs.bunny.net/docs/stream-video-storage-structure",
        rules=(LinkRule(verdict="refuse", path=".*", example="https://iframe.mediadelivery.net/play/1/0b1c"),),
    ),
    Provider(
        name="Mux",
        hosts=("=player.mux.com", "=dashboard.mux.com"),
        fix="Use https://stream.mux.com/.../high.mp4 (static renditions).",
        source="https://www.mux.com/docs/guides/enable-static-mp4-renditions",
        rules=(LinkRule(verdict="refuse", path=".*", example="https://player.mux.com/AbCdEf"),),
    ),
    Provider(
        name="api.video",
        hosts=("=embed.api.video", "=dashboard.api.video"),
        fix="Use https://vod.api.video/vod/.../mp4/source.mp4.",
        source="https://docs.api.video/vod/video-playback-features",
        rules=(LinkRule(verdict="refuse", path=".*", example="https://embed.api.video/vod/viabc"),),
    ),
    Provider(
        name="Cloudinary",
        hosts=("=player.cloudinary.com", "=collection.cloudinary.com", "=console.cloudinary.com"),
        fix="Use https://res.cloudinary.com/.../video/upload/....mp4.",
        source=KNOWN,
        rules=(
            LinkRule(
                verdict="refuse", path=".*", example="https://player.cloudinary.com/embed/?cloud_name=rio&public_id=a"
            ),
        ),
    ),
    Provider(
        name="Brightcove, JW Player, Kaltura",
        hosts=(
            *("=players.brightcove.net", "=link.brightcove.com", "=bcove.video", "=cdn.jwplayer.com"),
            *("=content.jwplatform.com",),
        ),
        fix="Use the address of the MP4 rendition.",
        source=KNOWN,
        rules=(
            LinkRule(
                verdict="refuse",
                host=r"(?:players\.brightcove\.net|link\.brightcove\.com|bcove\.video)",
                path=".*",
                example="https://players.brightcove.net/1/default_default/index.html?videoId=1",
            ),
            LinkRule(
                verdict="refuse",
                path=r"/(?:players|previews)/.*",
                example="https://cdn.jwplayer.com/players/AbC-123.html",
            ),
        ),
    ),
    Provider(
        name="Discord",
        hosts=("=cdn.discordapp.com", "=media.discordapp.net"),
        fix="Copy the link anew, with its ex, is and hm; it works for a day. Storage of your own is better.",
        source="https://discord.com/developers/docs/reference#signed-attachment-cdn-urls",
        rules=(
            LinkRule(
                verdict="warn",
                path=r"/(?:ephemeral-)?attachments/.*",
                query=("!hm",),
                code="needs_signature",
                problem="lacks the signature (ex, is, hm) that Discord has asked for since 2024",
                example="https://cdn.discordapp.com/attachments/1/2/train.mp4",
            ),
        ),
    ),
    Provider(
        name="UploadThing, Uploadcare and others with plain file addresses",
        hosts=("=utfs.io", "*.ufs.sh", "=ucarecdn.com", "*.b-cdn.net", "*.r2.dev", "=raw.githubusercontent.com"),
        fix="",
        source=SEEN,
        rules=(LinkRule(verdict="accept", example="https://utfs.io/f/0b1c-train.mp4"),),
    ),
)
