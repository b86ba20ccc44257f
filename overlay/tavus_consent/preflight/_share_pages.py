"""Links that people copy from a site and that lead to a page about the video, not to the video. One rule for each site.

The rules read the link alone; a site that is not listed passes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from attrs import frozen

Query = Mapping[str, str]


def _never(_path: str, _query: Query) -> bool:
    return False


@frozen
class Site:
    """How to tell a site's direct links from its pages.

    Attributes:
        name: For people.
        fix: What to do with a link to one of its pages.
        is_direct: Whether a path (lower case) and a query lead to the file.
        caveat: Why even a direct link may fail, or an empty text.
    """

    name: str
    fix: str
    is_direct: Callable[[str, Query], bool] = _never
    caveat: str = ""


_STORE: Final = "Upload the original file to storage that gives direct links, such as a presigned S3 URL."
_PRESIGN: Final = "Make a presigned or public URL of the object itself."


def site_of(host: str) -> Site | None:
    """The rule for a host (lower case), that of its nearest listed parent, or ``None``."""
    labels = host.rstrip(".").split(".")
    for start in range(len(labels) - 1):
        name = ".".join(labels[start:])
        if name in _SITES:
            return _SITES[name]
    return None


def _starts(*beginnings: str) -> Callable[[str, Query], bool]:
    return lambda path, _query: path.startswith(beginnings)


def _dropbox(path: str, query: Query) -> bool:
    is_folder = path.startswith(("/sh/", "/scl/fo/"))  # answers a zip
    return not is_folder and "1" in (query.get("dl"), query.get("raw"))


def _sharepoint(path: str, query: Query) -> bool:
    is_page = path.startswith("/:") or path.endswith(("/stream.aspx", "/onedrive.aspx"))
    return not is_page or query.get("download") == "1"


_GOOGLE: Final = Site(
    "Google Drive",
    f"Google Drive shows a page in place of large files. {_STORE}",
    _starts("/uc"),
    caveat="Google Drive answers a page in place of the file above about 100 MB.",
)
_ONEDRIVE: Final = Site("OneDrive", f"A OneDrive link shows a page. {_STORE}", _starts("/download"))
_YOUTUBE: Final = Site("YouTube", _STORE)

_SITES: Final[Mapping[str, Site | None]] = {
    "1drv.ms": _ONEDRIVE,
    "app.frame.io": Site("Frame.io", _STORE),
    "box.com": Site(
        "Box",
        "Use the direct link of the share settings (.../shared/static/...).",
        lambda path, _query: path.startswith(("/shared/static/", "/index.php")),
    ),
    "cdn.loom.com": None,
    "console.aws.amazon.com": Site("the AWS console", _PRESIGN),
    "console.cloud.google.com": Site("the Google Cloud console", _PRESIGN),
    "dailymotion.com": Site("Dailymotion", _STORE),
    "docs.google.com": _GOOGLE,
    "drive.google.com": _GOOGLE,
    "dropbox.com": Site("Dropbox", "Share the file, not its folder, and set dl=1 (or raw=1) at the end.", _dropbox),
    "facebook.com": Site("Facebook", _STORE),
    "github.com": Site(
        "GitHub", "Use the raw address: /raw/ in place of /blob/.", lambda path, _query: "/blob/" not in path
    ),
    "icloud.com": Site("iCloud", _STORE),
    "instagram.com": Site("Instagram", _STORE),
    "loom.com": Site("Loom", f"Download the video from Loom first. {_STORE}"),
    "mediafire.com": Site("MediaFire", _STORE, lambda path, _query: not path.startswith(("/file", "/view", "/folder"))),
    "mega.nz": Site("MEGA", f"MEGA encrypts its files in the browser. {_STORE}"),
    "onedrive.live.com": _ONEDRIVE,
    "photos.app.goo.gl": Site("Google Photos", _STORE),
    "photos.google.com": Site("Google Photos", _STORE),
    "player.vimeo.com": Site("Vimeo", _STORE, _starts("/external/", "/progressive_redirect/")),
    "portal.azure.com": Site("the Azure portal", _PRESIGN),
    "sharepoint.com": Site("SharePoint", f"Set download=1 at the end. If it asks for a sign-in: {_STORE}", _sharepoint),
    "storage.cloud.google.com": Site("Google Cloud Storage for browsers", _PRESIGN),
    "streamable.com": Site("Streamable", _STORE),
    "tiktok.com": Site("TikTok", _STORE),
    "vimeo.com": Site("Vimeo", f"Download the video from Vimeo first. {_STORE}"),
    "we.tl": Site("WeTransfer", _STORE),
    "wetransfer.com": Site("WeTransfer", _STORE),
    "youtu.be": _YOUTUBE,
    "youtube-nocookie.com": _YOUTUBE,
    "youtube.com": _YOUTUBE,
    "zoom.us": Site("Zoom", f"Download the recording from Zoom first. {_STORE}"),
}
