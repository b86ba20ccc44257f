"""Compare the facts about a file with the rules. Each rule gives one finding. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

from .failures import Severity
from .findings import Finding, Media

if TYPE_CHECKING:
    from .facts import Facts, Track
    from .rules import MediaRules

_TAIL: Final = "-movflags +faststart out.mp4"
REMUX: Final = f"ffmpeg -i in.mov -c copy {_TAIL}"
ENCODE: Final = f"ffmpeg -i in.mp4 -c:v libx264 -crf 18 -pix_fmt yuv420p -c:a aac -b:a 192k {_TAIL}"
SOUND: Final = f"ffmpeg -i in.mp4 -c:v copy -c:a aac -b:a 192k {_TAIL}"
_SAFE_SIZE: Final = 700_000_000
_MIN_STATEMENT: Final = 8.0


def judge(facts: Facts, size: int, rules: MediaRules, media: Media) -> list[Finding]:
    """Return the findings of comparing a file with the rules."""
    return [_finding(row, media) for row in _rows(facts, size, rules)]


def judge_size(size: int, rules: MediaRules, media: Media) -> Finding:
    """Return the finding of comparing only the size with the rules, because the size is known first."""
    return _finding(_size(size, rules), media)


_Row = tuple[str, Severity, str, str, Any, Any]


def _finding(row: _Row, media: Media) -> Finding:
    code, severity, message, fix, measured, required = row
    return Finding(
        code=code, severity=severity, media=media, message=message, fix=fix, measured=measured, required=required
    )


def _rows(facts: Facts, size: int, rules: MediaRules) -> Iterator[_Row]:
    yield _size(size, rules, facts.video.seconds if facts.video else None)
    yield _format(facts, rules)
    if facts.damage:
        fix = "Upload the whole file again. If the original is also damaged, record again."
        yield "video_processing", "error", facts.damage, fix, "damaged", "a whole file"
    if not facts.is_open:
        return
    if not facts.damage:
        yield "video_processing", "info", "The file is complete.", "", "whole", "a whole file"
    if facts.video is None:
        fix = "Provide the file that contains the picture."
        yield "video_codec", "error", "The file has no video track.", fix, None, tuple(sorted(rules.codecs))
    else:
        yield _codec(facts.video, rules)
        yield _duration(facts.video, rules)
        yield _fps(facts.video, rules)
        yield _resolution(facts.video, rules)
    yield _sound(facts.audio, rules)


def _size(size: int, rules: MediaRules, seconds: float | None = None) -> _Row:
    shown, required = f"The file has {size / 1e6:,.1f} MB.", rules.doubtful_bytes
    rate = int(_SAFE_SIZE * 8 / max(seconds or 120.0, 1.0) / 1000) - 192
    fix = f"ffmpeg -i in.mp4 -c:v libx264 -b:v {max(rate, 500)}k -pix_fmt yuv420p -c:a aac -b:a 192k {_TAIL}"
    if size >= rules.max_bytes:
        return "file_size", "error", f"{shown} Tavus accepts less than 750 MB.", fix, size, required
    if size >= rules.doubtful_bytes:
        message = f"{shown} Tavus accepts less than 750 MB, and does not say whether a MB is 10^6 or 2^20 bytes."
        return "file_size", "warning", message, fix, size, required
    return "file_size", "info", shown, "", size, required


def _format(facts: Facts, rules: MediaRules) -> _Row:
    required = "mp4"
    if facts.format == "mp4":
        brand = facts.brand or ""
        name = rules.refused_brands.get(brand)
        if name:
            can_copy = facts.video is not None and facts.video.codec in rules.codecs
            fix = REMUX if can_copy else ENCODE.replace("in.mp4", "in.mov")
            message = f"The file is {name}, regardless of its name."
            return "video_format", "error", message, fix, brand.strip(), required
        if brand not in rules.brands:
            message = "The file has an unusual brand of .mp4."
            return "video_format", "warning", message, REMUX.replace("in.mov", "in.mp4"), brand.strip(), required
        return "video_format", "info", "The file is .mp4.", "", brand, required
    if facts.format is None:
        message = "The file is not .mp4; its first bytes do not show its format."
        fix = "Check that the right file was uploaded completely. Export it as .mp4 with H.264 and AAC."
        return "video_format", "error", message, fix, None, required
    message = f"The file is .{facts.format}, not .mp4, regardless of its name."
    if facts.format == "webm":
        message += " Tavus's guides also name .webm, but its page of errors says that it fails."
    return "video_format", "error", message, ENCODE.replace("in.mp4", f"in.{facts.format}"), facts.format, required


def _codec(video: Track, rules: MediaRules) -> _Row:
    required = tuple(sorted(rules.codecs))
    if video.codec in rules.codecs:
        return "video_codec", "info", "The picture is encoded with H.264.", "", video.codec, required
    if video.codec is None:
        return "video_codec", "unknown", "The codec of the picture is unknown.", ENCODE, None, required
    message = f"The picture is encoded with {video.codec}, not with H.264."
    return "video_codec", "error", message, ENCODE, video.codec, required


def _duration(video: Track, rules: MediaRules) -> _Row:
    seconds, least = video.seconds, rules.min_seconds
    if seconds is None:
        return "video_duration", "unknown", "The file does not state its duration.", ENCODE, None, least
    seconds = round(seconds, 3)
    if least is not None and seconds < least - rules.seconds_tolerance:
        message = f"The video lasts {seconds:g} s; training needs {least:g} s."
        return "video_duration", "error", message, "Record a longer video in one take.", seconds, least
    if least is None and seconds < _MIN_STATEMENT:
        message = f"The video lasts {seconds:g} s; the statement takes {_MIN_STATEMENT:g} s or more."
        return "video_duration", "warning", message, "Record the whole statement.", seconds, least
    message = f"The video lasts {seconds:g} s."
    if rules.best_seconds and not rules.best_seconds[0] - 1 <= seconds <= rules.best_seconds[1] + 1:
        message += " The best duration is {:g} to {:g} s.".format(*rules.best_seconds)
    return "video_duration", "info", message, "", seconds, least


def _fps(video: Track, rules: MediaRules) -> _Row:
    if video.fps is None:
        return "video_fps", "unknown", "The file does not state its frame rate.", ENCODE, None, rules.min_fps
    fps = round(video.fps, 3)
    if fps < rules.min_fps - rules.fps_tolerance:
        message = f"The video has {fps:g} frames per second; Tavus asks for {rules.min_fps:g}."
        fix = "Record again with 25 or 30 frames per second. Converting a slower video does not help."
        return "video_fps", "error", message, fix, fps, rules.min_fps
    return "video_fps", "info", f"The video has {fps:g} frames per second.", "", fps, rules.min_fps


def _resolution(video: Track, rules: MediaRules) -> _Row:
    code, fix = "quality_issue_detected", "Record again in 1080p. Enlarging a smaller picture does not help."
    side, least, good = min(video.width, video.height), rules.min_height, rules.good_height
    measured = f"{video.width}x{video.height}"
    required = f"{least or 720}p"
    if side <= 0:
        return code, "unknown", "The file does not state the size of the picture.", ENCODE, None, required
    message = f"The picture has {video.width} x {video.height} pixels."
    if least is None:
        if side < 720:
            message += " Tavus states no minimum for consent videos; for training it is 720p."
            return code, "unknown", message, fix, measured, None
        return code, "info", message, "", measured, None
    if side < least:
        return code, "error", f"{message} Tavus asks for {least}p.", fix, measured, required
    if good is not None and side < good:
        return code, "warning", f"{message} {good}p is better, and newer guides ask for it.", fix, measured, required
    return code, "info", message, "", measured, required


def _sound(audio: Track | None, rules: MediaRules) -> _Row:
    code, required = "audio_processing", tuple(sorted(rules.audio_codecs))
    if audio is None:
        return code, "error", "The file has no sound.", "Record again with a microphone.", None, required
    if audio.codec in rules.audio_codecs:
        return code, "info", f"The sound is encoded with {audio.codec}.", "", audio.codec, required
    how = f"is encoded with {audio.codec}" if audio.codec else "has an unknown codec"
    return code, "warning", f"The sound {how}; Tavus's guides name AAC.", SOUND, audio.codec, required
