"""The preflight: open and inspect each medium, check the statement, and report. Pure functions make the decisions."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import datetime
from functools import partial
from importlib.util import find_spec
from os import PathLike
from typing import TYPE_CHECKING, Any, BinaryIO, Final, Literal, TypeAlias

from attrs import evolve, field, frozen

from tavus_consent._arguments import check_list
from tavus_consent._clock import Clock, SystemClock
from tavus_consent._frames import hides_locals
from tavus_consent._loop import in_thread
from tavus_consent._redaction import redact_url
from tavus_consent.consent.matching import MAX_SPOKEN_AS
from tavus_consent.consent.names import check_full_name
from tavus_consent.errors import EvidenceChanged, InvalidLinkError, InvalidRequestError

from .evidence import Fingerprint, compare, hash_whole, retake, take
from .failures import Unreadable
from .findings import NEVER_CHECKED, Finding, Media, PreflightReport, arrange, finding_of
from .here import reader as reading_in
from .judging import judge, judge_size
from .links import check_link
from .listening import NO_SPEECH, choose, listen
from .metering import Budget, Meter, Spent
from .options import check_options
from .reading import Source, is_link
from .rules import MediaRules, rules_for
from .sources import source_of

if TYPE_CHECKING:
    from tavus_consent.consent.transcriber import Transcriber

    from .facts import Facts
    from .here import Reader
    from .isolation import Isolation
    from .net import Reach

Video: TypeAlias = "str | PathLike[str] | BinaryIO"
"""A string is a link and never a path, because it may come from a stranger."""
Doing = Literal["opening", "looking", "reading_sound", "hashing", "listening"]

NO_AV: Final = "The files were not read: that needs the extra 'preflight' (pip install 'tavus-consent[preflight]')."


@frozen(kw_only=True)
class Step:
    """The progress of a preflight.

    Attributes:
        media: The video that the preflight checks now.
        doing: The current step.
        done: The number of bytes that are hashed so far.
        total: The number of bytes to hash.
    """

    media: Media
    doing: Doing
    done: int = 0
    total: int = 0


Progress: TypeAlias = Callable[[Step], None]


@frozen(kw_only=True)
class _Looked:
    findings: list[Finding]
    spent: Spent = field(factory=Spent)
    fingerprint: Fingerprint | None = None
    sound: bytes | None = field(default=None, repr=False)
    not_checked: tuple[str, ...] = ()


@frozen(kw_only=True)
class _Options:
    rules: MediaRules
    budget: Budget
    reach: Reach | None
    clock: Clock
    hash: bool
    listen: bool
    progress: Progress
    stop: threading.Event
    reader: Reader


@hides_locals
def preflight(
    *,
    train_video: Video | None = None,
    consent_video: Video | None = None,
    full_name: str | None = None,
    spoken_as: Sequence[str] = (),
    model: str | None = None,
    speech: Transcriber | Literal["auto"] | None = None,
    hash: bool | Collection[Media] = False,
    budget: Budget | None = None,
    reach: Reach | None = None,
    clock: Clock | None = None,
    progress: Progress | None = None,
    stop: threading.Event | None = None,
    isolation: Isolation | Literal["process", "none"] = "process",
) -> PreflightReport:
    """Check media before a replica is trained on them, by reading only a small part of them.

    Without the extra ``preflight``, this only checks links offline. The report then says which checks did not run.

    Args:
        train_video: The training video: a link as ``str``, a path as ``Path``, or a file open in binary mode.
        consent_video: The consent video, in the same forms. Without it, the training video must start with the
            statement.
        full_name: The name in the statement. Without it, the statement is not checked.
        spoken_as: Up to three other spellings of the name, as it sounds.
        model: The model whose rules apply; by default, Tavus's default model.
        speech: The recognizer. ``"auto"`` is Whisper on this machine if the extra ``speech`` is installed.
        hash: True to also read each whole file and compute its SHA-256, or a set of the media to hash, as in
            ``{"consent"}``.
        budget: The limits of reading one medium.
        reach: The hosts that links may reach; by default, only public ones.
        clock: The clock.
        progress: A function to call at every step.
        stop: An event that ends the check when it is set. Checks without a result are then reported as unknown.
        isolation: The place where FFmpeg and Whisper run. ``"process"`` starts a child process with limits for this
            call. An :class:`Isolation` shares a child between calls. ``"none"`` means this process, without limits.
            Your own transcriber always runs in this process.

    Raises:
        InvalidRequestError: No medium was given, a path is not a readable file, ``spoken_as`` has too many
            spellings, or ``isolation`` is invalid.
        InvalidNameError: A name cannot be part of the statement.
        ConfigurationError: The installed model for ``speech="auto"`` has an unexpected hash.
    """
    media: dict[Media, Video] = {}
    if train_video is not None:
        media["train"] = train_video
    if consent_video is not None:
        media["consent"] = consent_video
    check_options(
        model=model, spoken_as=spoken_as, speech=speech, hash=hash, budget=budget, reach=reach, progress=progress
    )
    if not media:
        raise InvalidRequestError("give train_video, consent_video or both", reason="missing")
    heard_as = () if full_name is None else (full_name, *check_list(spoken_as, "spoken_as"))
    names = tuple(check_full_name(name, as_borne=True) for name in heard_as)
    if len(names) > 1 + MAX_SPOKEN_AS:
        raise InvalidRequestError(f"spoken_as: give {MAX_SPOKEN_AS} spellings at most", field="spoken_as")
    rules, is_known = rules_for(model)
    stated_in: Media = "consent" if consent_video is not None else "train"
    can_read = is_installed()
    missed = [] if is_known else [f"The rules of this model are not known; those of {rules.model} were used."]
    missed += [] if can_read else [NO_AV]
    engine, why_not = choose(speech, names, can_read)
    if why_not == NO_SPEECH:
        missed.append(why_not)
    not_checked = [*missed, *NEVER_CHECKED, *((why_not,) if why_not and why_not not in missed else ())]
    note, stop = progress or (lambda _: None), stop or threading.Event()
    looked: dict[Media, _Looked] = {}
    findings: list[Finding] = []
    hearing = None
    with reading_in(isolation) as reader:
        for one, given in media.items():
            options = _Options(
                rules=rules.train if one == "train" else rules.consent,
                budget=budget or Budget(),
                reach=reach,
                clock=clock or SystemClock(),
                hash=hash if isinstance(hash, bool) else one in hash,
                listen=engine is not None and one == stated_in,
                progress=note,
                stop=stop,
                reader=reader,
            )
            looked[one] = _look(one, given, options, can_read=can_read)
            findings += looked[one].findings
            not_checked += looked[one].not_checked
        if engine is not None:
            note(Step(media=stated_in, doing="listening"))
            hearing, heard = listen(stated_in, looked[stated_in].sound, engine, names, reader=reader, stop=stop)
            findings += heard
    return PreflightReport(
        model=rules.model,
        rules_as_of=rules.as_of.isoformat(),
        findings=arrange(findings),
        not_checked=tuple(not_checked),
        incomplete=tuple(missed),
        fingerprints={one: seen.fingerprint for one, seen in looked.items() if seen.fingerprint is not None},
        spent={one: seen.spent for one, seen in looked.items()},
        hearing=hearing,
        isolation=reader.protection if any(seen.fingerprint for seen in looked.values()) else "",
    )


@hides_locals
async def preflight_async(**arguments: Any) -> PreflightReport:
    """Run :func:`preflight` in a worker thread, with the same arguments, result and errors.

    Canceling the call ends the child process. With ``isolation="none"``, the check stops at its next read.
    """
    stop = arguments.setdefault("stop", threading.Event())
    try:
        return await in_thread(partial(preflight, **arguments))
    except asyncio.CancelledError:
        stop.set()
        raise


@hides_locals
def confirm(
    video: Video,
    before: Fingerprint,
    *,
    media: Media,
    budget: Budget | None = None,
    reach: Reach | None = None,
    clock: Clock | None = None,
) -> Fingerprint:
    """Check, immediately before a create, that a medium has not changed since its preflight.

    Args:
        video: The medium, as it was given to :func:`preflight`.
        before: The fingerprint of the medium in the report.
        media: The role of the medium: ``"train"`` or ``"consent"``.
        budget: The limits of reading.
        reach: The hosts that a link may reach.
        clock: The clock.

    Returns:
        The current fingerprint.

    Raises:
        EvidenceChanged: The medium has changed, or can no longer be read (``reason="unreadable"``).
    """
    meter = Meter(budget or Budget(), clock or SystemClock())
    try:
        with source_of(video, meter, reach=reach, name=_field(media, video)) as source:
            after = retake(source, before)
    except Unreadable as error:
        raise EvidenceChanged(f"the {media} video cannot be read again: {error}", reason="unreadable") from None
    compare(before, after)
    return after


@hides_locals
async def confirm_async(video: Video, before: Fingerprint, **arguments: Any) -> Fingerprint:
    """Run :func:`confirm` in a worker thread."""
    return await in_thread(partial(confirm, video, before, **arguments))


def is_installed() -> bool:
    """Return True if the extra ``preflight`` is installed, so that files can be read."""
    return find_spec("av") is not None


def _field(media: Media, given: Video) -> str:
    return f"{media}_video_url" if is_link(given) else f"{media}_video"


def _look(media: Media, given: Video, options: _Options, *, can_read: bool) -> _Looked:
    findings = list(_link_findings(media, given, options.clock.now())) if is_link(given) else []
    if any(one.severity == "error" for one in findings):
        return _Looked(findings=findings, not_checked=(_unread(media),))
    if not can_read:
        if not is_link(given):  # raises an error if it is not a file
            source_of(given, Meter(options.budget, options.clock), reach=None, name=_field(media, given)).close()
        return _Looked(findings=findings)
    meter = Meter(options.budget, options.clock, options.stop)
    options.progress(Step(media=media, doing="opening"))
    try:
        with source_of(given, meter, reach=options.reach, name=_field(media, given)) as source:
            looked = _read(media, source, options, is_link=is_link(given))
    except Unreadable as error:
        looked = _Looked(findings=[finding_of(error, media)], not_checked=(_unread(media),))
    except InvalidLinkError as error:  # a redirect to an invalid link
        looked = _Looked(findings=[_of_link_error(media, error, "")], not_checked=(_unread(media),))
    found = looked.findings
    if any(one.code == "video_format" for one in found):  # the content is known, so the name does not matter
        findings = [one for one in findings if one.code != "video_format"]
    return evolve(looked, findings=findings + found, spent=meter.spent)


def _unread(media: Media) -> str:
    return f"The content of the {media} video was not checked, or not completely."


def _read(media: Media, source: Source, options: _Options, *, is_link: bool) -> _Looked:
    findings: list[Finding] = []
    sound, sha256, not_checked = None, None, []

    def tell(facts: Facts) -> None:
        findings.extend(judge(facts, source.size, options.rules, media))
        if is_link:
            message = "The link serves the file and supports ranges."
            findings.append(Finding(code="download_link", severity="info", media=media, message=message))
        if options.listen and facts.has_sound:
            options.progress(Step(media=media, doing="reading_sound"))

    options.progress(Step(media=media, doing="looking"))
    try:
        sound = options.reader.inspect(source, listen=options.listen, tell=tell)
        if options.hash:
            sha256 = hash_whole(
                source, lambda done, total: options.progress(Step(media=media, doing="hashing", done=done, total=total))
            )
    except Unreadable as error:
        if not findings:
            findings.append(judge_size(source.size, options.rules, media))
        findings.append(finding_of(error, media))
        not_checked.append(_unread(media))
    return _Looked(
        findings=findings,
        fingerprint=take(source, sha256=sha256),
        sound=sound,
        not_checked=tuple(not_checked),
    )


def _link_findings(media: Media, link: str, now: datetime) -> Iterable[Finding]:
    try:
        found = check_link(link, field=_field(media, link), now=now)
    except InvalidLinkError as error:
        yield _of_link_error(media, error, link)
        return
    for one in found:
        yield Finding(
            code="video_format" if one.code == "video_format" else "download_link",
            severity="warning",
            media=media,
            message=one.message.replace(redact_url(link), "the link"),
            fix=one.fix,
            measured=one.code,
        )


def _of_link_error(media: Media, error: InvalidLinkError, link: str) -> Finding:
    problem, _, fix = str(error).replace(f" {redact_url(link)}", "").partition(". ")
    return Finding(
        code="download_link", severity="error", media=media, message=f"{problem}.", fix=fix, measured=error.reason
    )
