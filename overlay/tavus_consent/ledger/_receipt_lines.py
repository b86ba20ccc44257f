"""The lines of a receipt as text. Pure."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from tavus_consent.consent.checks import Check, is_named
from tavus_consent.consent.events import format_time

from ._receipt_words import Texts

if TYPE_CHECKING:
    from .receipt import Party, Receipt

NOT_STATED: Final = "not stated"
_UNPRINTABLE: Final = ("Cc", "Cf", "Cs", "Zl", "Zp")


def lines(receipt: Receipt, words: Texts) -> Iterator[str]:
    """Yield the lines of a receipt in the language of the words."""
    controller, state, terms = receipt.controller, receipt.record.state, receipt._terms
    unknown = words.not_stated
    yield words.title.upper()
    yield words.number.format(receipt=receipt.receipt_id, at=_day(receipt.created_at), record=state.record_id)
    yield from _block(words.said, [f'"{receipt.record.statement}"'], bullet="")
    yield words.said_in.format(template=terms.template_id, version=terms.template_version)
    yield f"SHA-256 {receipt._statement_sha256}"
    if state.evidence is not None:
        yield f"{words.recording}: {_hash(state.evidence.sha256, words)}"
    since, withdrawn = (_day(at) if at else "-" for at in (state.given_at, state.withdrawn_at))
    standing = [words.states[str(state.state)].format(at=since, withdrawn=withdrawn)]
    if state.renews is not None:
        standing.append(words.renews.format(record=state.renews))
    yield from _block(words.standing, standing, bullet="")
    where = ", ".join(controller.storage_locations) or unknown
    yield from _block(
        words.parties,
        [
            f"{words.subject}: {terms.full_name}",
            f"{words.age}: {unknown if terms.adult is None else words.ages[str(terms.adult)]}",
            f"{words.controller}: {_address(controller, words)}",
            f"{words.processor}: {_address(controller.processor, words)}",
            f"{words.notice}: {', '.join(_notice(receipt, words)) or unknown}",
            words.kept.format(where=where, retention=receipt._retention(words) or unknown),
        ],
    )
    yield from _block(words.uses, terms.intended_uses or [words.no_uses])
    yield words.uses_given
    told = terms.biometric_notice
    derived = words.derived.format(derived=told.derived if told else unknown)
    yield from _block(words.biometric, [derived, words.derived_kept.format(kept=told.kept if told else unknown)])
    yield from _block(words.until, [words.until_is.format(at=_day(receipt._end))], bullet="")
    yield from _block(words.withdraw, [words.withdraw_is.format(where=controller.withdraw_at or unknown)], bullet="")
    yield from _block(words.rights, words.rights_are.values())
    yield words.rights_depend
    replicas = [f"{one} ({words.gone})" if one in state.removed else one for one in state.replicas]
    yield from _block(words.replicas, replicas or [words.no_replicas])
    yield from _block(words.checks, [_check(one, words) for one in receipt._checks()] or [words.no_checks])
    proof = words.no_ledger
    if receipt.ledger_head is not None:
        proof = words.proof_is.format(size=receipt.ledger_size, hash=receipt.ledger_head)
    yield from _block(words.proof, [proof], bullet="")
    yield from _block(words.limits, [words.limits_are, words.sound_alike])
    if terms.notice is not None:
        yield from _block(words.notice_text, terms.notice.text.splitlines(), bullet="")


def _notice(receipt: Receipt, words: Texts) -> Iterator[str]:
    """Yield what is known of the privacy notice."""
    notice = receipt._terms.notice
    if receipt._notice_url is not None:
        yield receipt._notice_url
    if notice is not None:
        yield words.version.format(version=notice.version or words.not_stated)
        yield _hash(notice.sha256, words)


def _hash(sha256: str | None, words: Texts) -> str:
    return f"SHA-256 {sha256 or words.not_stated}"


def _check(check: Mapping[str, Any], words: Texts) -> str:
    verdict, engine = check["tc:verdict"], check.get("tc:engine")
    if check["tc:source"] == "heard":
        said, source = words.verdicts[verdict], words.heard.format(engine=engine or "-")
    else:
        said = words.supplied["UNHEARD" if check["tc:check"] == Check.UNHEARD else verdict]
        source = words.written.format(engine=engine) if is_named(engine) else words.typed
        source = "-" if engine == "none" else source  # there was no text either
    line = words.check.format(at=check["dct:date"][:10], verdict=f"{verdict} - {said}", source=source)
    score = check.get("tc:name_score")
    return line if score is None else f"{line}, {words.name_score.format(score=f'{score:.2f}')}"


def _address(party: Party, words: Texts) -> str:
    name = words.not_stated if party.name == NOT_STATED else party.name
    return ", ".join((name, party.address or words.no_address, party.contact or words.no_contact))


def _day(at: datetime) -> str:
    return format_time(at)[:16].replace("T", " ") + " UTC"


def _block(title: str, lines: Iterable[str], bullet: str = "- ") -> Iterator[str]:
    yield ""
    yield title
    for line in lines:
        yield _line(f"{bullet}{line}")


def _line(text: str) -> str:
    """Return the text as one line, without characters that break lines or change the text direction."""
    plain = "".join(" " if unicodedata.category(one) in _UNPRINTABLE else one for one in text)
    return " ".join(plain.split())
