"""Sites that offer files on a page, and the forms of their links that give the file. Data; see ``_link_rules``."""

from __future__ import annotations

from typing import Final

from ._link_drives import SHORT, STORE, page
from ._link_rules import ANY_HOST, LinkRule, Provider
from ._link_storage import KNOWN, SEEN

_NEEDS_SIGN_IN: Final = "asks for a sign-in"

PAGES: Final[tuple[Provider, ...]] = (
    Provider(
        name="WeTransfer",
        hosts=("*.wetransfer.com", "we.tl"),
        fix=STORE,
        source=SEEN,
        rules=(
            LinkRule(
                verdict="warn",
                host=r"download\.wetransfer\.com",
                code="expires_soon",
                problem=SHORT,
                example="https://download.wetransfer.com/eugv/abc/train.mp4?token=abc",
            ),
            LinkRule(verdict="refuse", path=".*", example="https://we.tl/t-abc"),
        ),
    ),
    Provider(
        name="Smash",
        hosts=("*.fromsmash.com", "*.fromsmash.co"),
        fix=STORE,
        source=SEEN,
        rules=(
            LinkRule(
                verdict="warn",
                host=r"files\.fromsmash\.co.*",
                code="expires_soon",
                problem=SHORT,
                example="https://files.fromsmash.com/0b1c/train.mp4",
            ),
            LinkRule(verdict="refuse", path=".*", example="https://fromsmash.com/AbC"),
        ),
    ),
    Provider(
        name="pCloud",
        hosts=("*.pcloud.link", "*.pcloud.com"),
        fix="Use a link of the public folder (filedn.com), or storage that gives direct links.",
        source=SEEN,
        rules=(
            LinkRule(
                verdict="refuse",
                host=r"(?:www|my|u|e|e1|transfer)\.pcloud\.(?:link|com)|pcloud\.(?:link|com)",
                path=".*",
                example="https://u.pcloud.link/publink/show?code=XZabc",
            ),
            LinkRule(
                verdict="warn",
                code="expires_soon",
                problem=SHORT,
                example="https://p-def4.pcloud.com/abc/train.mp4",
            ),
        ),
    ),
    Provider(
        name="gofile",
        hosts=("*.gofile.io",),
        fix=STORE,
        source=KNOWN,
        rules=(
            LinkRule(verdict="refuse", host=r"(?:www\.)?gofile\.io", path=".*", example="https://gofile.io/d/AbC"),
            LinkRule(
                verdict="warn",
                code="needs_sign_in",
                problem="needs a cookie of the page",
                example="https://store1.gofile.io/download/web/0b1c/train.mp4",
            ),
        ),
    ),
    Provider(
        name="Synology",
        hosts=("=gofile.me", "*.quickconnect.to", ANY_HOST),
        fix=STORE,
        source=SEEN,
        rules=(
            LinkRule(verdict="refuse", host=r"gofile\.me", path=".*", example="https://gofile.me/7AbCd/EfGhIjKlM"),
            LinkRule(
                verdict="warn",
                path=r"/(?:[a-z]+/)?sharing/[a-z0-9]{9}/?",
                problem="looks like a page of a Synology station",
                example="https://nas.rio.example/sharing/EfGhIjKlM",
            ),
        ),
    ),
    Provider(
        name="Yandex Disk",
        hosts=(
            *("yadi.sk", "=disk.yandex.ru", "=disk.yandex.com", "=disk.360.yandex.ru", "=disk.360.yandex.com"),
            *(
                "=disk.yandex.by",
                "=disk.yandex.kz",
                "=disk.yandex.ua",
                "=disk.yandex.com.tr",
            ),
        ),
        fix=STORE,
        source=KNOWN,
        rules=(LinkRule(verdict="refuse", path=".*", example="https://disk.yandex.ru/i/AbC"),),
    ),
    Provider(
        name="Nextcloud",
        hosts=(ANY_HOST,),
        fix="Add /download to the link.",
        source="links with and without /download in public code, looked up 2026-11-28",
        rules=(
            LinkRule(
                verdict="warn",
                path=r"(?:/[\w-]+)?(?:/index\.php)?/s/[a-z0-9]{15}/?",
                problem="looks like a page of Nextcloud or ownCloud",
                example="https://cloud.rio.example/s/AbCdEfGhIjKlMnO",
            ),
            LinkRule(
                verdict="warn",
                path=r"(?:/[\w-]+)?(?:/index\.php)?/(?:apps/files/.*|f/[0-9]+)|(?:/[\w-]+)?/remote\.php/.*",
                code="needs_sign_in",
                problem=_NEEDS_SIGN_IN,
                fix="Share the file, and add /download to the link of the share.",
                example="https://cloud.rio.example/remote.php/dav/files/rio/train.mp4",
            ),
        ),
    ),
    Provider(
        name="Seafile",
        hosts=(ANY_HOST,),
        fix="Add ?dl=1 to the link of the file.",
        source=KNOWN,
        rules=(
            LinkRule(
                verdict="warn",
                path=r"(?:/[\w-]+)?/[fd]/[0-9a-f]{10,20}/(?:files/)?",
                query=("!dl=1",),
                problem="looks like a page of Seafile",
                example="https://seafile.rio.example/f/0123456789abcdef0123/",
            ),
        ),
    ),
    Provider(
        name="Slack",
        hosts=("*.slack.com", "*.slack-files.com"),
        fix=STORE,
        source="github.com/slackapi/bolt-js, issue 2585; public links with pub_secret in public code",
        rules=(
            LinkRule(
                verdict="accept",
                path=r"/files-(?:pri|tmb)/.*",
                query=("pub_secret|t",),
                example="https://files.slack.com/files-pri/T1-F1/train.mp4?pub_secret=abc",
            ),
            LinkRule(
                verdict="refuse",
                path=r"/files-(?:pri|tmb)/.*",
                code="needs_sign_in",
                problem="leads to a sign-in of Slack, not to the video file",
                example="https://files.slack.com/files-pri/T1-F1/download/train.mp4",
            ),
            LinkRule(verdict="refuse", path=".*", example="https://rio.slack.com/files/U1/F1/train.mp4"),
        ),
    ),
    Provider(
        name="Notion",
        hosts=("*.notion.so", "*.notion.site", "*.notion.com"),
        fix="Download the file from Notion, then upload it to storage that gives direct links.",
        source=SEEN,
        rules=(
            LinkRule(
                verdict="warn",
                host=r"file\.notion\.(?:so|com)",
                query=("!signature",),
                code="needs_signature",
                problem="lacks its signature",
                example="https://file.notion.so/f/f/0b1c/2d3e/train.mp4",
            ),
            LinkRule(
                verdict="accept",
                host=r"file\.notion\.(?:so|com)",
                example="https://file.notion.so/f/f/0b1c/train.mp4?expirationTimestamp=1796126400000&signature=abc",
            ),
            LinkRule(verdict="refuse", path=".*", example="https://www.notion.so/rio/Train-0b1c"),
        ),
    ),
    Provider(
        name="GitHub",
        hosts=("github.com",),
        fix="Use the raw address: /raw/ in place of /blob/.",
        source="github.com/isaacs/github, issue 1920",
        rules=(
            LinkRule(
                verdict="accept",
                path=r"/[^/]+/[^/]+/blob/.*",
                query=("raw=true|raw=1",),
                example="https://github.com/rio/videos/blob/main/train.mp4?raw=true",
            ),
            LinkRule(
                verdict="refuse",
                path=r"/[^/]+/[^/]+/(?:blob|tree|blame|edit|commits?|issues|pull|releases/tag|wiki)/.*",
                example="https://github.com/rio/videos/blob/main/train.mp4",
            ),
            LinkRule(
                verdict="refuse", path=r"/[^/]+(?:/[^/]+)?(?:/releases)?/?", example="https://github.com/rio/videos"
            ),
            LinkRule(verdict="accept", example="https://github.com/rio/videos/raw/main/train.mp4"),
        ),
    ),
    page("GitHub Gist", "https://gist.github.com/rio/0b1c", "=gist.github.com"),
    Provider(
        name="GitLab, Gitea, Bitbucket",
        hosts=("gitlab.com", "codeberg.org", "bitbucket.org", ANY_HOST),
        fix="Use the raw address: /raw/ in place of /blob/ or /src/.",
        source=KNOWN,
        rules=(
            LinkRule(
                verdict="refuse",
                host=r"(?:www\.)?(?:gitlab\.com|codeberg\.org)",
                path=r".*/-/(?:blob|tree)/.*|(?!.*/-/)/[^/]+/[^/]+/(?:blob|tree|src/(?:branch|commit|tag))/.*",
                example="https://gitlab.com/rio/videos/-/blob/main/train.mp4",
            ),
            LinkRule(
                verdict="refuse",
                host=r"(?:www\.)?bitbucket\.org",
                path=r"/[^/]+/[^/]+/src/.*",
                example="https://bitbucket.org/rio/videos/src/main/train.mp4",
            ),
            LinkRule(
                verdict="warn",
                path=r".*/-/(?:blob|tree)/.*|/[^/]+/[^/]+/src/(?:branch|commit|tag)/.*",
                problem="looks like a page of GitLab or Gitea",
                example="https://git.rio.example/rio/videos/-/blob/main/train.mp4",
            ),
        ),
    ),
    Provider(
        name="Hugging Face",
        hosts=("huggingface.co", "hf.co"),
        fix="Use /resolve/ in place of /blob/.",
        source=SEEN,
        rules=(
            LinkRule(
                verdict="warn",
                path=r"/.*/raw/.*",
                problem="gives a pointer in place of a large file",
                example="https://huggingface.co/datasets/rio/videos/raw/main/train.mp4",
            ),
            LinkRule(
                verdict="accept",
                path=r"/.*/resolve/.*",
                example="https://huggingface.co/datasets/rio/videos/resolve/main/train.mp4",
            ),
            LinkRule(
                verdict="refuse", path=".*", example="https://huggingface.co/datasets/rio/videos/blob/main/train.mp4"
            ),
        ),
    ),
    Provider(
        name="the Internet Archive",
        hosts=("archive.org",),
        fix="Use https://archive.org/download/item/file.mp4.",
        source=KNOWN,
        rules=(
            LinkRule(
                verdict="accept",
                path=r"/(?:download|serve|cors)/[^/]+/.+",
                example="https://archive.org/download/rio/train.mp4",
            ),
            LinkRule(verdict="refuse", path=".*", example="https://archive.org/details/rio"),
        ),
    ),
    Provider(
        name="MediaFire",
        hosts=("mediafire.com", "=app.mediafire.com"),
        fix=STORE,
        source=KNOWN,
        rules=(
            LinkRule(
                verdict="refuse",
                path=r"/(?:file|view|folder|file_premium|download)/.*|/\??.*",
                example="https://www.mediafire.com/file/abc/train.mp4/file",
            ),
        ),
    ),
    Provider(
        name="pixeldrain",
        hosts=("pixeldrain.com", "=pixeldra.in"),
        fix="Use https://pixeldrain.com/api/file/....",
        source=KNOWN,
        rules=(
            LinkRule(verdict="accept", path=r"/api/file/.*", example="https://pixeldrain.com/api/file/AbC"),
            LinkRule(verdict="refuse", path=".*", example="https://pixeldrain.com/u/AbC"),
        ),
    ),
    Provider(
        name="tmpfiles and file.io",
        hosts=("tmpfiles.org", "=file.io"),
        fix=STORE,
        source=KNOWN,
        rules=(
            LinkRule(
                verdict="warn",
                path=r"/dl/.*",
                code="expires_soon",
                problem="works for an hour",
                example="https://tmpfiles.org/dl/1/train.mp4",
            ),
            LinkRule(
                verdict="warn",
                host=r"file\.io",
                code="expires_soon",
                problem="is deleted after the first download",
                example="https://file.io/AbC",
            ),
            LinkRule(verdict="refuse", path=".*", example="https://tmpfiles.org/1/train.mp4"),
        ),
    ),
)
