"""Drives from which people share files, and the forms of their links that give the file. Data; see ``_link_rules``.

To add a site, add a ``Provider`` with an example for each form, and run ``scripts/list_links.py``.
"""

from __future__ import annotations

from typing import Final

from ._link_rules import LinkRule, Provider
from ._link_storage import KNOWN, NEEDS_HEADER, SEEN

STORE: Final = "Upload the original file to storage that gives direct links, such as a presigned S3 URL."
_NEEDS_SIGN_IN: Final = "asks for a sign-in"
SHORT: Final = "stops working after a few hours"


def page(name: str, example: str, *hosts: str, fix: str = STORE, source: str = KNOWN, path: str = "") -> Provider:
    """Return a provider whose links, or whose links under a path, never give a file."""
    return Provider(
        name=name,
        hosts=hosts,
        fix=fix,
        source=source,
        rules=(LinkRule(verdict="refuse", path=path, example=example),),
    )


def encrypted(name: str, example: str, *hosts: str, source: str = KNOWN) -> Provider:
    """Return a provider whose files only a browser can decrypt."""
    return Provider(
        name=name,
        hosts=hosts,
        fix=STORE,
        source=source,
        rules=(
            LinkRule(
                verdict="refuse",
                path=".*",
                problem=f"leads to a page of {name}, not to the video file, which only a browser decrypts",
                example=example,
            ),
        ),
    )


_DRIVE_LARGE: Final = "may give a page in place of the file above about 100 MB"

DRIVES: Final[tuple[Provider, ...]] = (
    Provider(
        name="Dropbox",
        hosts=("dropbox.com",),
        fix="Share the file, not its folder, and set dl=1 (or raw=1) at the end.",
        source="https://help.dropbox.com/share/force-download and dropboxforum.com, discussion 689070",
        rules=(
            LinkRule(
                verdict="refuse",
                path=r"/(?:sh|scl/fo)/[^/]+(?:/[^/.]*)?/?",
                problem="leads to a page of Dropbox, not to the video file: a folder comes as a .zip",
                example="https://www.dropbox.com/scl/fo/abc/AAAb?rlkey=xyz&dl=1",
            ),
            LinkRule(
                verdict="warn",
                path=r"/(?:sh|scl/fo)/.*/[^/.]*",
                query=("dl=1|raw=1",),
                problem="may be a folder, which comes as a .zip",
                example="https://www.dropbox.com/scl/fo/abc/AAAb/videos?rlkey=xyz&dl=1",
            ),
            LinkRule(
                verdict="warn",
                path=r"/scl/f[io]/.*",
                query=("!rlkey", "dl=1|raw=1"),
                code="needs_sign_in",
                problem="lacks its rlkey, without which Dropbox asks for a sign-in",
                fix="Copy the link anew, with its rlkey.",
                example="https://www.dropbox.com/scl/fi/abc/train.mp4?dl=1",
            ),
            LinkRule(verdict="accept", path=r"/s/(?:dl|raw)/.*", example="https://www.dropbox.com/s/dl/abc/train.mp4"),
            LinkRule(
                verdict="accept",
                path=r"/(?:s|sh|scl)/.*",
                query=("dl=1|raw=1",),
                example="https://www.dropbox.com/scl/fi/abc/train.mp4?rlkey=xyz&dl=1",
            ),
            LinkRule(
                verdict="refuse", path=".*", example="https://www.dropbox.com/scl/fi/abc/train.mp4?rlkey=xyz&dl=0"
            ),
        ),
    ),
    Provider(
        name="Dropbox's files",
        hosts=("=dl.dropbox.com", "=dl-web.dropbox.com", "*.dropboxusercontent.com"),
        fix="Use a shared link with dl=1, which does not expire.",
        source="dropboxforum.com, discussion 689070; get_temporary_link in Dropbox's API reference (four hours)",
        rules=(
            LinkRule(
                verdict="warn",
                path=r"/cd/0/.*",
                code="expires_soon",
                problem="is a temporary link, which works for four hours",
                example="https://uc1.dl.dropboxusercontent.com/cd/0/get/AbC/file",
            ),
            LinkRule(
                verdict="warn",
                path=r"/scl/f[io]/.*",
                query=("!rlkey",),
                code="needs_sign_in",
                problem="lacks its rlkey, without which Dropbox asks for a sign-in",
                fix="Copy the link anew, with its rlkey.",
                example="https://dl.dropboxusercontent.com/scl/fi/abc/train.mp4",
            ),
            LinkRule(verdict="accept", example="https://dl.dropboxusercontent.com/s/abc/train.mp4"),
        ),
    ),
    page("Dropbox", "https://replay.dropbox.com/share/abc", "=replay.dropbox.com", "=capture.dropbox.com", "=db.tt"),
    Provider(
        name="Google Drive",
        hosts=("=drive.google.com", "=docs.google.com", "=drive.usercontent.google.com"),
        fix=f"Google Drive shows a page in place of large files. {STORE}",
        source="github.com/matthuisman/gdrivedl, issue 14; github.com/brave/brave-browser, issue 49629",
        rules=(
            LinkRule(
                verdict="accept",
                host=r"drive\.usercontent\.google\.com",
                query=("confirm",),
                example="https://drive.usercontent.google.com/download?id=1AbC&export=download&confirm=t",
            ),
            LinkRule(
                verdict="warn",
                host=r"drive\.usercontent\.google\.com",
                problem=_DRIVE_LARGE,
                fix="Add confirm=t.",
                example="https://drive.usercontent.google.com/download?id=1AbC&export=download",
            ),
            LinkRule(
                verdict="warn",
                path=r"(?:/a/[^/]+)?(?:/u/[0-9]+)?/uc/?",
                problem=_DRIVE_LARGE,
                example="https://drive.google.com/uc?export=download&id=1AbC",
            ),
            LinkRule(verdict="refuse", path=".*", example="https://drive.google.com/file/d/1AbC/view?usp=sharing"),
        ),
    ),
    page("Google Photos", "https://photos.app.goo.gl/AbC", "=photos.app.goo.gl", "=photos.google.com"),
    Provider(
        name="OneDrive",
        hosts=("=1drv.ms", "=onedrive.live.com", "=photos.onedrive.com", "=onedrive.com", "=www.onedrive.com"),
        fix=f"A OneDrive link shows a page. {STORE}",
        source=SEEN,
        rules=(
            LinkRule(
                verdict="accept",
                host=r"onedrive\.live\.com",
                path=r"/download(?:\.aspx)?|(?:/.*)?/_layouts/15/download\.aspx",
                example="https://onedrive.live.com/download?resid=1!2&authkey=!A",
            ),
            LinkRule(
                verdict="warn",
                host=r"1drv\.ms|onedrive\.live\.com",
                query=("download=1",),
                problem="may lead to a page of OneDrive",
                example="https://1drv.ms/v/c/abc/AbC?download=1",
            ),
            LinkRule(verdict="refuse", path=".*", example="https://1drv.ms/v/s!AbCdEf"),
        ),
    ),
    Provider(
        name="OneDrive's API",
        hosts=("=api.onedrive.com", "=graph.microsoft.com", "=my.microsoftpersonalcontent.com"),
        fix=STORE,
        source="https://learn.microsoft.com/graph/api/driveitem-get-content; stackoverflow.com, question 36015295",
        rules=(
            LinkRule(
                verdict="refuse",
                host=r"graph\.microsoft\.com",
                code="needs_sign_in",
                problem=NEEDS_HEADER,
                path=".*",
                example="https://graph.microsoft.com/v1.0/me/drive/items/1/content",
            ),
            LinkRule(
                verdict="warn",
                query=("tempauth",),
                code="expires_soon",
                problem="is a temporary link, which works for about an hour",
                example="https://my.microsoftpersonalcontent.com/personal/a/_layouts/15/download.aspx?UniqueId=1&tempauth=v1",
            ),
            LinkRule(verdict="accept", example="https://api.onedrive.com/v1.0/shares/u!aHR0cHM/root/content"),
        ),
    ),
    Provider(
        name="SharePoint",
        hosts=("*.sharepoint.com", "*.sharepoint.us", "*.sharepoint.cn", "*.sharepoint-df.com"),
        fix=f"Set download=1 at the end of a link that needs no sign-in. If it asks for one: {STORE}",
        source=SEEN,
        rules=(
            LinkRule(
                verdict="warn",
                query=("tempauth",),
                code="expires_soon",
                problem="is a temporary link, which works for about an hour",
                example="https://contoso.sharepoint.com/_layouts/15/download.aspx?UniqueId=1&tempauth=v1",
            ),
            LinkRule(
                verdict="accept",
                path=r"(?:/.*)?/_layouts/(?:15/)?download\.aspx",
                example="https://contoso.sharepoint.com/sites/x/_layouts/15/download.aspx?share=EabC",
            ),
            LinkRule(
                verdict="refuse",
                path=r"/:f:/.*",
                problem="leads to a page of SharePoint, not to the video file: it is a folder",
                example="https://contoso.sharepoint.com/:f:/s/x/EabC",
            ),
            LinkRule(
                verdict="warn",
                path=r"/:[a-z]:/r/.*",
                query=("download=1",),
                code="needs_sign_in",
                problem=_NEEDS_SIGN_IN,
                fix="Share the file with anyone who has the link, and set download=1 at the end of that link.",
                example="https://contoso.sharepoint.com/:v:/r/sites/x/train.mp4?csf=1&web=1&download=1",
            ),
            LinkRule(
                verdict="accept",
                path=r"/:[a-z]:/.*|(?:/.*)?/_layouts/15/guestaccess\.aspx",
                query=("download=1",),
                example="https://contoso.sharepoint.com/:v:/s/x/EabC?e=abc&download=1",
            ),
            LinkRule(
                verdict="warn",
                path=r"(?:/.*)?/_layouts/15/guestaccess\.aspx",
                problem="may lead to a page of SharePoint",
                example="https://contoso.sharepoint.com/_layouts/15/guestaccess.aspx?docid=1&authkey=abc",
            ),
            LinkRule(
                verdict="refuse",
                path=r"/:[a-z]:/.*|.*\.aspx",
                example="https://contoso.sharepoint.com/sites/x/_layouts/15/stream.aspx?id=abc",
            ),
            LinkRule(
                verdict="warn",
                code="needs_sign_in",
                problem=_NEEDS_SIGN_IN,
                example="https://contoso.sharepoint.com/sites/x/Shared%20Documents/train.mp4",
            ),
        ),
    ),
    page(
        "Microsoft Stream",
        "https://web.microsoftstream.com/video/0b1c",
        "=web.microsoftstream.com",
        "=stream.office.com",
    ),
    Provider(
        name="Box",
        hosts=("*.box.com",),
        fix="Use the direct link of the share settings (.../shared/static/...).",
        source="https://developer.box.com/guides/downloads/shared-link",
        rules=(
            LinkRule(
                verdict="accept",
                path=r"/(?:shared|public)/static/.*|/index\.php",
                example="https://app.box.com/shared/static/abc.mp4",
            ),
            LinkRule(
                verdict="refuse",
                host=r"(?:api|upload)\.box\.com",
                query=("!access_token",),
                path=".*",
                code="needs_sign_in",
                problem=NEEDS_HEADER,
                example="https://api.box.com/2.0/files/1/content",
            ),
            LinkRule(
                verdict="accept",
                host=r"(?:api|dl|dl2|public|download)\.box\.com",
                example="https://dl.box.com/d/1/b1!abc/download",
            ),
            LinkRule(
                verdict="refuse",
                path=r"/(?:s|v|f|n|l|file|files|folder|embed|embed_widget|notes|login)(?:/.*)?|/",
                example="https://app.box.com/s/abc",
            ),
        ),
    ),
    page(
        "iCloud",
        "https://www.icloud.com/iclouddrive/0b1c#train",
        "*.icloud.com",
        "*.icloud.com.cn",
        source=SEEN,
        path=".*",
    ),
    encrypted("MEGA", "https://mega.nz/file/abc#key", "mega.nz", "mega.io", "*.mega.co.nz"),
    encrypted("Proton Drive", "https://drive.proton.me/urls/ABC#key", "*.proton.me", source=SEEN),
    encrypted("Sync.com", "https://ln5.sync.com/dl/abc#key", "*.sync.com", source=SEEN),
    encrypted("Tresorit", "https://web.tresorit.com/l/abc#key", "*.tresorit.com"),
    encrypted("Internxt", "https://drive.internxt.com/sh/file/a/b", "*.internxt.com", "*.filen.io"),
)
