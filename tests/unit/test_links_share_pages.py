"""Links to pages about a video are distinguished from links to the video."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from tests.rows import each_row

from tavus_consent import InvalidLinkError
from tavus_consent.preflight import LinkFinding, check_link

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def check(url: str) -> tuple[LinkFinding, ...]:
    return check_link(url, field="train_video_url", now=NOW)


@each_row(
    ("url", "site"),
    [
        ("https://drive.google.com/file/d/1AbC/view?usp=sharing", "Google Drive"),
        ("https://drive.google.com/open?id=1AbC", "Google Drive"),
        ("https://drive.google.com/drive/folders/1AbC", "Google Drive"),
        ("https://docs.google.com/file/d/1AbC/edit", "Google Drive"),
        ("https://photos.app.goo.gl/AbC", "Google Photos"),
        ("https://photos.google.com/share/AbC", "Google Photos"),
        ("https://storage.cloud.google.com/bucket/train.mp4", "Google Cloud Storage for browsers"),
        ("https://console.cloud.google.com/storage/browser/bucket", "the Google Cloud console"),
        ("https://s3.console.aws.amazon.com/s3/object/bucket", "the AWS console"),
        ("https://us-east-1.console.aws.amazon.com/s3/object/bucket", "the AWS console"),
        ("https://portal.azure.com/#view/x", "the Azure portal"),
        ("https://www.dropbox.com/s/abc/train.mp4", "Dropbox"),
        ("https://www.dropbox.com/s/abc/train.mp4?dl=0", "Dropbox"),
        ("https://www.dropbox.com/scl/fi/abc/train.mp4?rlkey=x&dl=0", "Dropbox"),
        ("https://www.dropbox.com/scl/fo/abc/xyz?dl=1", "Dropbox"),
        ("https://www.dropbox.com/sh/abc/xyz?dl=1", "Dropbox"),
        ("https://WWW.DropBox.com./s/abc/train.mp4", "Dropbox"),
        ("https://www.youtube.com/watch?v=abc", "YouTube"),
        ("https://m.youtube.com/watch?v=abc", "YouTube"),
        ("https://youtu.be/abc", "YouTube"),
        ("https://www.youtube-nocookie.com/embed/abc", "YouTube"),
        ("https://vimeo.com/123", "Vimeo"),
        ("https://player.vimeo.com/video/123", "Vimeo"),
        ("https://1drv.ms/v/s!abc", "OneDrive"),
        ("https://onedrive.live.com/?id=abc", "OneDrive"),
        ("https://contoso-my.sharepoint.com/:v:/g/personal/rio/abc", "SharePoint"),
        ("https://contoso.sharepoint.com/sites/x/_layouts/15/stream.aspx?id=abc", "SharePoint"),
        ("https://contoso.sharepoint.com/sites/x/_layouts/15/onedrive.aspx?id=abc", "SharePoint"),
        ("https://www.icloud.com/iclouddrive/abc", "iCloud"),
        ("https://share.icloud.com/photos/abc", "iCloud"),
        ("https://we.tl/t-abc", "WeTransfer"),
        ("https://wetransfer.com/downloads/abc", "WeTransfer"),
        ("https://app.box.com/s/abc", "Box"),
        ("https://contoso.box.com/s/abc", "Box"),
        ("https://www.loom.com/share/abc", "Loom"),
        ("https://www.mediafire.com/file/abc/train.mp4/file", "MediaFire"),
        ("https://mega.nz/file/abc", "MEGA"),
        ("https://app.frame.io/reviews/abc", "Frame.io"),
        ("https://github.com/rio/videos/blob/main/train.mp4", "GitHub"),
        ("https://us02web.zoom.us/rec/share/abc", "Zoom"),
        ("https://streamable.com/abc", "Streamable"),
        ("https://www.dailymotion.com/video/abc", "Dailymotion"),
        ("https://www.facebook.com/watch/?v=1", "Facebook"),
        ("https://www.instagram.com/reel/abc", "Instagram"),
        ("https://www.tiktok.com/@rio/video/1", "TikTok"),
    ],
)
def test_a_page_is_refused_and_its_site_named(url: str, site: str) -> None:
    with pytest.raises(InvalidLinkError, match=f"leads to a page of {site}, not to the video file") as caught:
        check(url)
    assert caught.value.reason == "share_page"


@pytest.mark.parametrize(
    "url",
    [
        "https://www.dropbox.com/s/abc/train.mp4?dl=1",
        "https://www.dropbox.com/scl/fi/abc/train.mp4?rlkey=x&raw=1",
        "https://dl.dropboxusercontent.com/s/abc/train.mp4",
        "https://drive.usercontent.google.com/download?id=1AbC&export=download&confirm=t",
        "https://storage.googleapis.com/bucket/train.mp4",
        "https://onedrive.live.com/download?resid=abc",
        "https://contoso.sharepoint.com/:v:/g/personal/rio/abc?download=1",
        "https://contoso.sharepoint.com/sites/x/_layouts/15/download.aspx?UniqueId=abc",
        "https://app.box.com/shared/static/abc.mp4",
        "https://cdn.loom.com/sessions/abc.mp4",
        "https://player.vimeo.com/progressive_redirect/playback/1/abc.mp4",
        "https://download1503.mediafire.com/abc/train.mp4",
        "https://github.com/rio/videos/raw/main/train.mp4",
        "https://notdropbox.com/s/abc/train.mp4",
        "https://youtube.com.bucket.example/train.mp4",
    ],
)
def test_a_direct_link_of_such_a_site_passes(url: str) -> None:
    assert check(url) == ()


def test_the_refusal_says_what_to_do() -> None:
    with pytest.raises(InvalidLinkError, match="set dl=1"):
        check("https://www.dropbox.com/s/abc/train.mp4?dl=0")


def test_google_drives_download_link_is_doubtful() -> None:
    """It gives small files, and a page in place of large ones."""
    (finding,) = check("https://drive.google.com/uc?export=download&id=1AbC")
    assert finding.code == "may_be_a_page"
