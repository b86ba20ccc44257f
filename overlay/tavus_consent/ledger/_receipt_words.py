"""The texts of a receipt, and the English ones. The statement is not translated: the person reads it in English."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from attrs import frozen

from tavus_consent.consent.matching import SOUND_ALIKE
from tavus_consent.consent.statement import LIMITS


@frozen(kw_only=True)
class Texts:
    """The texts of one language. Names in braces are placeholders."""

    title: str
    number: str
    said: str
    said_in: str
    not_stated: str
    no_address: str
    no_contact: str
    standing: str
    states: Mapping[str, str]
    parties: str
    subject: str
    controller: str
    processor: str
    notice: str
    uses: str
    uses_given: str
    no_uses: str
    until: str
    until_is: str
    withdraw: str
    withdraw_is: str
    kept: str
    replicas: str
    gone: str
    no_replicas: str
    outputs: str
    checks: str
    check: str
    name_score: str
    heard: str
    written: str
    typed: str
    verdicts: Mapping[str, str]
    supplied: Mapping[str, str]
    no_checks: str
    proof: str
    proof_is: str
    no_ledger: str
    limits: str
    limits_are: str
    sound_alike: str
    recording: str
    age: str
    ages: Mapping[str, str]
    renews: str
    biometric: str
    derived: str
    derived_kept: str
    rights: str
    rights_are: Mapping[str, str]
    rights_depend: str
    retention_is: str
    version: str
    notice_text: str


EN: Final = Texts(
    title="Consent receipt",
    number="Receipt {receipt}, issued {at}. Record {record}.",
    said="Your statement",
    said_in="The statement is spoken in English: {template}, version {version}.",
    not_stated="not stated",
    no_address="address not stated",
    no_contact="contact not stated",
    standing="Current status",
    states={
        "requested": "Your consent was requested; there is no recording yet.",
        "recorded": "Your statement was recorded; the recording does not count as consent yet.",
        "review": "Your statement was recorded; a person has to review it first.",
        "given": "Your consent was given on {at}.",
        "expired": "Your consent has expired; nothing new may be made with it.",
        "refused": "You refused.",
        "lapsed": "The request expired without an answer; there is no consent.",
        "withdrawing": "Your consent was withdrawn on {withdrawn}, with immediate effect. Deletion is in progress.",
        "withdrawn": "Your consent was withdrawn on {withdrawn}, and everything made with it is deleted.",
        "invalidated": "This consent was declared invalid.",
    },
    parties="Who is involved",
    subject="You",
    controller="Requested by, and responsible for your data",
    processor="Creates the replica on their behalf",
    notice="Privacy notice",
    uses="Intended uses",
    uses_given="These are the uses you were told about. Consent to create a replica is not consent to every use.",
    no_uses="Not stated: no uses were named beyond those in the statement.",
    until="How long it is valid",
    until_is="Until {at}. It then expires automatically.",
    withdraw="How to withdraw",
    withdraw_is="At any time, without giving a reason: {where}",
    kept="Stored in: {where}. Retention period: {retention}",
    replicas="Replicas and voices created with this consent",
    gone="deleted",
    no_replicas="None yet.",
    outputs="Videos, conversations and others: {made}, of which {gone} are deleted or stopped.",
    checks="How it was checked",
    check="{at}: {verdict} ({source})",
    heard="{engine} transcribed the recording",
    written="the text was supplied, reportedly transcribed by {engine}",
    typed="the text was supplied",
    name_score="name similarity {score}",
    verdicts={
        "PASS": "the recording contains words that match the statement and a name that sounds like yours",
        "REVIEW": "the recording left a doubt",
        "MISMATCH": "the recording contains other words or another name",
        "UNUSABLE": "the recording contains no usable speech",
    },
    supplied={
        "PASS": "the supplied text matches the statement and your name",
        "UNHEARD": "the supplied text matches the statement and your name, but the recording was not transcribed",
        "REVIEW": "the supplied text left a doubt",
        "MISMATCH": "the supplied text contains other words or another name",
        "UNUSABLE": "the recording was not transcribed, and no usable text was supplied",
    },
    no_checks="No speech recognizer has checked the recording.",
    proof="Proof that the ledger was not changed",
    proof_is="The ledger had {size} entries when this receipt was issued; the last one has the hash {hash}. Keep this "
    "receipt: if one of these entries is changed later, the ledger no longer has this hash.",
    no_ledger="No ledger was kept.",
    limits="What this receipt does not prove",
    limits_are=LIMITS,
    sound_alike=SOUND_ALIKE,
    recording="The recording of it",
    age="Of age",
    ages={"True": "yes", "False": "no"},
    renews="This consent renews the one of record {record}.",
    biometric="Your biometric data",
    derived="Derived from the recordings: {derived}",
    derived_kept="How long that is stored: {kept}",
    rights="Your rights",
    rights_are={
        "withdraw": "You can withdraw this consent at any time. That does not affect what was lawfully done before.",
        "access": "You can ask which data about you are stored, and get a copy.",
        "correct": "You can ask for wrong data to be corrected.",
        "erase": "You can ask for your data to be erased.",
        "complain": "You can complain to a data-protection authority.",
    },
    rights_depend="The law of your country decides when you have these rights.",
    retention_is="{days} days after the consent has ended",
    version="version {version}",
    notice_text="The privacy notice that you were shown",
)
