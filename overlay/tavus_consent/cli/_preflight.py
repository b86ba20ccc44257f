"""``tavus-consent preflight``: the problems that Tavus would refuse, as a table for people."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

from cyclopts import Parameter
from rich.console import RenderableType
from rich.padding import Padding
from rich.text import Text

from tavus_consent import InvalidRequestError

from ._failures import Exit
from ._flags import OUTPUT, SWITCH, Output
from ._screen import Listing, Screen

if TYPE_CHECKING:
    from tavus_consent.consent.thresholds import Measurement
    from tavus_consent.preflight import Hearing, PreflightReport, Step

_LINK: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")
_INPUT: Final = re.compile(r"(?<=-i )in\.\w+")
_MARKS: Final = {
    "error": Text("FAILS", style="bold red"),
    "warning": Text("doubtful", style="yellow"),
    "unknown": Text("unknown", style="yellow"),
    "info": Text("ok", style="green"),
}
_SHOWN: Final[dict[str, tuple[str, str, str]]] = {
    # the name, the found value, the required value
    "audio_processing": ("sound", "{}", "{}"),
    "consent_phrase_mismatch": ("statement", "{}", "{}"),
    "download_link": ("link", "{}", "{}"),
    "file_size": ("size", "{mb:,.1f} MB", "under {mb:,.0f} MB"),
    "quality_issue_detected": ("resolution", "{}", "{}"),
    "video_codec": ("codec", "{}", "{}"),
    "video_codec_and_format": ("format, codec", "{}", "{}"),
    "video_duration": ("length", "{:g} s", "{:g} s or more"),
    "video_format": ("format", "{}", "{}"),
    "video_fps": ("frame rate", "{:g} fps", "{:g} fps or more"),
    "video_processing": ("file", "{}", "{}"),
}
_WORDS: Final = {"PASS": "heard", "REVIEW": "doubtful", "MISMATCH": "not heard", "UNUSABLE": "nothing usable"}
_DOING: Final = {
    "opening": "opening",
    "looking": "looking",
    "reading_sound": "reading the sound",
    "hashing": "hashing",
    "listening": "listening",
}


def preflight(
    video: Annotated[str | None, Parameter(metavar="URL|FILE")] = None,
    /,
    *,
    consent: Annotated[str | None, Parameter(metavar="URL|FILE")] = None,
    name: Annotated[str | None, Parameter(metavar="NAME")] = None,
    spoken_as: Annotated[tuple[str, ...], Parameter(metavar="TEXT", negative=(), show_default=False)] = (),
    model: Annotated[str | None, Parameter(metavar="MODEL")] = None,
    speech: Annotated[str, Parameter(metavar="auto|none|FOLDER")] = "auto",
    hash: Annotated[bool, SWITCH] = False,
    private_host: Annotated[tuple[str, ...], Parameter(metavar="HOST", negative=(), show_default=False)] = (),
    flags: Output = OUTPUT,
) -> Exit:
    r"""Check videos before Tavus trains on them for hours. Reads only parts of them and does not call Tavus.

    Exit code 6 if a check fails, 7 if a check could not run. For example:

        tavus-consent preflight https://bucket.example/train.mp4 \
            --consent https://bucket.example/consent.mp4 --name "Rio Alvarez"

    It also checks files on this machine:

        tavus-consent preflight train.mp4

    Args:
        video: The training video: a link, or a file.
        consent: The consent video. Without it the statement has to open the training video.
        name: The full name in the statement. Without it, speech is not checked.
        spoken_as: A pronunciation of the name, for the recognizer. Up to three times.
        model: The model whose rules apply: phoenix-4 (Tavus's default) or phoenix-3.
        speech: The recognizer: auto for Whisper if the extra speech is installed, none, or the folder of a Whisper
            model.
        hash: Also read each file completely, for its SHA-256.
        private_host: A host of private storage that may be read, as in the link, such as minio.internal:9000.
            Repeatable.
    """
    from tavus_consent.preflight import Reach, Whisper, preflight as check

    if video is None and consent is None:
        raise InvalidRequestError("give a video, --consent, or both", reason="missing")
    engine: Any = {"auto": "auto", "none": None}[speech] if speech in ("auto", "none") else Whisper(Path(speech))
    screen = flags.screen
    train, stated = _given(video), _given(consent)
    report = check(
        train_video=train,
        consent_video=stated,
        full_name=name,
        spoken_as=spoken_as,
        model=model,
        speech=engine,
        hash=hash,
        reach=Reach(private_hosts=frozenset(private_host)),
        progress=_progress(screen),
    )
    screen.result(report.to_dict(words=True), *_parts(screen, report, {"train": train, "consent": stated}))
    for line in report.not_checked:
        screen.note(line, style="yellow" if line in report.incomplete else "dim")
    for line in filter(None, (report.isolation, report.limits)):
        screen.note(line)
    if any(one.severity == "error" for one in report.findings):
        return Exit.NOT_SOUND
    return Exit.DONE if report.ok else Exit.UNFINISHED


def _given(text: str | None) -> str | Path | None:
    """Return a link or a path. On the command line a path may name a file; in a program a string is always a link."""
    return text if text is None or _LINK.match(text) else Path(text)


def _named(command: str, video: str | Path | None) -> str:
    """Return a command with the name of the file, if it is a local one."""
    return _INPUT.sub(lambda _: shlex.quote(str(video)), command) if isinstance(video, Path) else command


def _parts(screen: Screen, report: PreflightReport, files: Mapping[str, str | Path | None]) -> Iterator[RenderableType]:
    rows = []
    for one in report.findings:
        what, found, required = _SHOWN[one.code]
        texts = one.media, what, _value(found, one.measured), _value(required, one.required)
        rows.append((_MARKS[one.severity], *map(screen.cell, texts)))
    if rows:
        yield Listing(("", "Video", "What", "Found", "Required"), rows, folds={"Found", "Required"})
    for one in report.problems:
        yield Text()
        said = screen.clean(f"{one.media} video, {one.code}: {one.message}")
        yield Text.assemble(_MARKS[one.severity], "  ", said)
        if one.fix.startswith("ffmpeg "):  # meant to be copied: a line of its own, never broken
            yield Text(f"    {screen.clean(_named(one.fix, files[one.media]))}", no_wrap=True)
        elif one.fix:
            yield Padding(screen.cell(one.fix), (0, 0, 0, 4))
    if report.hearing is not None:
        match = report.hearing.match
        yield Text()
        yield screen.card(
            ("Heard", str(match.diff)),
            ("Score", _score(match.name_score, match.words_error)),
            ("Heard by", _listener(report.hearing)),
            ("Measured", _measured(report.hearing.measurement)),
            ("Limits", report.hearing.limits),
        )
    hashes = [(media, one.sha256) for media, one in report.fingerprints.items() if one.sha256]
    if hashes:
        yield Text()
        yield screen.card(*((f"SHA-256 of the {media} video", value) for media, value in hashes))
    yield Text()
    yield screen.cell(_cost(report), style="dim")


def _listener(hearing: Hearing) -> str:
    version = f" ({hearing.engine_version})" if hearing.engine_version else ""
    return f"{hearing.engine}{version}, model SHA-256 {hearing.model_sha256 or 'unknown'}"


def _measured(measured: Measurement | None) -> str:
    if measured is None:
        return "This model was not measured."
    passed = f"{measured.false_passes} of {measured.wrong} wrong statements passed"
    stopped = f"{measured.false_reviews + measured.false_mismatches} of {measured.right} right ones did not"
    return f"{measured.as_of}, {measured.voices} synthetic voices: {passed}, and {stopped}."


def _value(form: str, value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, tuple):
        return ", ".join(", ".join(one) if isinstance(one, tuple) else str(one) for one in value)
    if isinstance(value, str):
        return _WORDS.get(value, value.replace("_", " "))
    return form.format(value, mb=value / 1e6)


def _score(name: float | None, words: float | None) -> str:
    said = [
        f"name similarity {name:.2f}" if name is not None else "",
        f"words wrong {words:.0%}" if words is not None else "",
    ]
    return ", ".join(filter(None, said))


def _cost(report: PreflightReport) -> str:
    spent = list(report.spent.values())
    read, asked = sum(one.bytes for one in spent), sum(one.requests for one in spent)
    size = sum(one.size for one in report.fingerprints.values())
    share = f" of {size / 1e6:,.1f} MB" if size else ""
    requests = f" in {asked:,} requests" if asked else ""
    rules = f"Rules: {report.model}, as of {report.rules_as_of}."
    return f"Read {read / 1e3:,.1f} kB{share}{requests}, {sum(one.seconds for one in spent):.1f} s. {rules}"


def _progress(screen: Screen) -> Callable[[Step], None]:
    """Return a function that reports progress on stderr; while hashing, every tenth of the way."""
    last: list[object] = [None]

    def show(step: Step) -> None:
        share = 10 * int(10 * step.done / step.total) if step.total else 0
        now = (step.media, step.doing, share)
        if now != last[0]:
            last[0] = now
            screen.note(f"{step.media} video: {_DOING[step.doing]}{f' {share} %' if step.total else ''}")

    return show
