"""The texts of a receipt in four languages. The statement is not translated: the person reads it in English."""

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


_EN: Final = Texts(
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
    no_uses="No uses were named beyond those in the statement.",
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
)

_DE: Final = Texts(
    title="Einwilligungsbeleg",
    number="Beleg {receipt}, ausgestellt am {at}. Vorgang {record}.",
    said="Ihre Erklärung",
    said_in="Die Erklärung wird auf Englisch gesprochen: {template}, Fassung {version}.",
    not_stated="nicht angegeben",
    no_address="Anschrift nicht angegeben",
    no_contact="Kontakt nicht angegeben",
    standing="Aktueller Stand",
    states={
        "requested": "Die Einwilligung wurde angefragt; es gibt noch keine Aufnahme.",
        "recorded": "Die Erklärung wurde aufgenommen; die Aufnahme gilt noch nicht als Einwilligung.",
        "review": "Die Erklärung wurde aufgenommen; zuerst muss ein Mensch die Aufnahme prüfen.",
        "given": "Die Einwilligung wurde am {at} erteilt.",
        "expired": "Die Einwilligung ist abgelaufen; auf ihrer Grundlage darf nichts Neues erstellt werden.",
        "refused": "Die Einwilligung wurde verweigert.",
        "lapsed": "Die Anfrage ist ohne Antwort abgelaufen; es gibt keine Einwilligung.",
        "withdrawing": "Die Einwilligung wurde am {withdrawn} mit sofortiger Wirkung widerrufen. Die Löschung läuft.",
        "withdrawn": "Die Einwilligung wurde am {withdrawn} widerrufen; alles damit Erstellte ist gelöscht.",
        "invalidated": "Die Einwilligung wurde für ungültig erklärt.",
    },
    parties="Beteiligte",
    subject="Sie",
    controller="Hat die Einwilligung angefragt und ist für Ihre Daten verantwortlich",
    processor="Erstellt das Abbild im Auftrag des Verantwortlichen",
    notice="Datenschutzhinweis",
    uses="Vorgesehene Zwecke",
    uses_given="Diese Zwecke wurden Ihnen genannt. Die Einwilligung in das Abbild erlaubt nicht jede Verwendung.",
    no_uses="Außer den Zwecken in der Erklärung wurden keine genannt.",
    until="Gültigkeit",
    until_is="Bis {at}. Danach läuft die Einwilligung automatisch ab.",
    withdraw="So widerrufen Sie",
    withdraw_is="Jederzeit und ohne Angabe von Gründen: {where}",
    kept="Speicherort: {where}. Speicherdauer: {retention}",
    replicas="Mit dieser Einwilligung erstellte Abbilder und Stimmen",
    gone="gelöscht",
    no_replicas="Noch keine.",
    outputs="Videos, Gespräche und anderes: {made}, davon {gone} gelöscht oder beendet.",
    checks="Prüfungen",
    check="{at}: {verdict} ({source})",
    heard="{engine} hat die Aufnahme transkribiert",
    written="der Text wurde geliefert, nach Angabe des Lieferanten von {engine} transkribiert",
    typed="der Text wurde geliefert",
    name_score="Ähnlichkeit des Namens {score}",
    verdicts={
        "PASS": "die Aufnahme enthält Wörter, die zur Erklärung passen, und einen Namen, der wie Ihrer klingt",
        "REVIEW": "die Aufnahme ließ Zweifel",
        "MISMATCH": "die Aufnahme enthält andere Wörter oder einen anderen Namen",
        "UNUSABLE": "die Aufnahme enthält keine verwertbare Sprache",
    },
    supplied={
        "PASS": "der gelieferte Text passt zur Erklärung und zu Ihrem Namen",
        "UNHEARD": "der gelieferte Text passt zur Erklärung und zu Ihrem Namen, aber die Aufnahme "
        "wurde nicht transkribiert",
        "REVIEW": "der gelieferte Text ließ Zweifel",
        "MISMATCH": "der gelieferte Text enthält andere Wörter oder einen anderen Namen",
        "UNUSABLE": "die Aufnahme wurde nicht transkribiert, und es wurde kein verwertbarer Text geliefert",
    },
    no_checks="Keine Spracherkennung hat die Aufnahme geprüft.",
    proof="Nachweis, dass das Register nicht verändert wurde",
    proof_is="Das Register hatte {size} Einträge, als dieser Beleg ausgestellt wurde; der letzte hat die Prüfsumme "
    "{hash}. Bewahren Sie diesen Beleg auf: Wird einer dieser Einträge später geändert, hat das Register diese "
    "Prüfsumme nicht mehr.",
    no_ledger="Es wurde kein Register geführt.",
    limits="Was dieser Beleg nicht belegt",
    limits_are="Er hält fest, was gesagt und geprüft wurde. Er belegt nicht, dass die Einwilligung rechtlich wirksam "
    "ist, dass die Person die ist, für die sie sich ausgibt, oder dass die Aufnahme live entstanden ist.",
    sound_alike="Namen, die ähnlich klingen, etwa Maria und Mario Garcia, lassen sich nicht unterscheiden.",
)

_ES: Final = Texts(
    title="Recibo de consentimiento",
    number="Recibo {receipt}, emitido el {at}. Expediente {record}.",
    said="Su declaración",
    said_in="La declaración se lee en inglés: {template}, versión {version}.",
    not_stated="no indicado",
    no_address="dirección no indicada",
    no_contact="contacto no indicado",
    standing="Estado actual",
    states={
        "requested": "Se ha solicitado su consentimiento; todavía no hay grabación.",
        "recorded": "Su declaración está grabada; la grabación todavía no equivale a un consentimiento.",
        "review": "Su declaración está grabada; antes debe revisarla una persona.",
        "given": "El consentimiento se otorgó el {at}.",
        "expired": "El consentimiento ha caducado; no se puede crear nada nuevo con él.",
        "refused": "El consentimiento fue denegado.",
        "lapsed": "La solicitud caducó sin respuesta; no hay consentimiento.",
        "withdrawing": "El consentimiento se retiró el {withdrawn}, con efecto inmediato. La eliminación está en "
        "curso.",
        "withdrawn": "El consentimiento se retiró el {withdrawn}; todo lo creado con él se ha eliminado.",
        "invalidated": "El consentimiento fue declarado inválido.",
    },
    parties="Partes",
    subject="Usted",
    controller="Solicitó el consentimiento y es responsable de sus datos",
    processor="Crea la réplica por encargo del responsable",
    notice="Aviso de privacidad",
    uses="Usos previstos",
    uses_given="Estos son los usos que se le comunicaron. Consentir la creación de una réplica no es "
    "consentir cualquier uso.",
    no_uses="No se indicaron otros usos que los de la declaración.",
    until="Vigencia",
    until_is="Hasta el {at}. Después caduca automáticamente.",
    withdraw="Cómo retirarlo",
    withdraw_is="En cualquier momento y sin indicar el motivo: {where}",
    kept="Lugar de almacenamiento: {where}. Plazo de conservación: {retention}",
    replicas="Réplicas y voces creadas con este consentimiento",
    gone="eliminada",
    no_replicas="Ninguna todavía.",
    outputs="Vídeos, conversaciones y otros: {made}, de los cuales {gone} eliminados o detenidos.",
    checks="Comprobaciones",
    check="{at}: {verdict} ({source})",
    heard="{engine} transcribió la grabación",
    written="texto aportado, según quien lo aportó transcrito por {engine}",
    typed="texto aportado",
    name_score="similitud del nombre {score}",
    verdicts={
        "PASS": "la grabación contiene palabras que corresponden a la declaración y un nombre que suena como el suyo",
        "REVIEW": "la grabación dejó dudas",
        "MISMATCH": "la grabación contiene otras palabras u otro nombre",
        "UNUSABLE": "la grabación no contiene voz utilizable",
    },
    supplied={
        "PASS": "el texto aportado corresponde a la declaración y a su nombre",
        "UNHEARD": "el texto aportado corresponde a la declaración y a su nombre, pero la grabación no se transcribió",
        "REVIEW": "el texto aportado dejó dudas",
        "MISMATCH": "el texto aportado contiene otras palabras u otro nombre",
        "UNUSABLE": "la grabación no se transcribió y no se aportó ningún texto utilizable",
    },
    no_checks="Ningún reconocedor de voz ha comprobado la grabación.",
    proof="Prueba de que el registro no se modificó",
    proof_is="El registro tenía {size} entradas cuando se emitió este recibo; la última tiene la huella {hash}. Guarde "
    "este recibo: si después se modifica una de esas entradas, el registro deja de tener esta huella.",
    no_ledger="No se llevó ningún registro.",
    limits="Lo que este recibo no demuestra",
    limits_are="Recoge lo que se dijo y se comprobó. No demuestra que el consentimiento sea jurídicamente válido, que "
    "la persona sea quien dice ser ni que la grabación sea en vivo.",
    sound_alike="Los nombres que suenan parecido, como Maria y Mario Garcia, no se pueden distinguir.",
)

_FR: Final = Texts(
    title="Reçu de consentement",
    number="Reçu {receipt}, établi le {at}. Dossier {record}.",
    said="Votre déclaration",
    said_in="La déclaration est prononcée en anglais : {template}, version {version}.",
    not_stated="non indiqué",
    no_address="adresse non indiquée",
    no_contact="contact non indiqué",
    standing="État actuel",
    states={
        "requested": "Votre consentement a été demandé ; il n'y a pas encore d'enregistrement.",
        "recorded": "Votre déclaration est enregistrée ; l'enregistrement ne vaut pas encore consentement.",
        "review": "Votre déclaration est enregistrée ; une personne doit d'abord la vérifier.",
        "given": "Le consentement a été donné le {at}.",
        "expired": "Le consentement a expiré ; rien de nouveau ne peut être créé sur cette base.",
        "refused": "Le consentement a été refusé.",
        "lapsed": "La demande a expiré sans réponse ; il n'y a pas de consentement.",
        "withdrawing": "Le consentement a été retiré le {withdrawn}, avec effet immédiat. La suppression est en cours.",
        "withdrawn": "Le consentement a été retiré le {withdrawn} ; tout ce qui en est issu est supprimé.",
        "invalidated": "Le consentement a été déclaré invalide.",
    },
    parties="Parties concernées",
    subject="Vous",
    controller="A demandé le consentement et est responsable de vos données",
    processor="Crée la réplique pour le compte du responsable",
    notice="Politique de confidentialité",
    uses="Usages prévus",
    uses_given="Ces usages vous ont été indiqués. Consentir à la création d'une réplique n'est pas "
    "consentir à tout usage.",
    no_uses="Aucun autre usage que ceux de la déclaration n'a été indiqué.",
    until="Durée de validité",
    until_is="Jusqu'au {at}. Il expire ensuite automatiquement.",
    withdraw="Comment le retirer",
    withdraw_is="À tout moment et sans indiquer de motif : {where}",
    kept="Lieu de stockage : {where}. Durée de conservation : {retention}",
    replicas="Répliques et voix créées avec ce consentement",
    gone="supprimée",
    no_replicas="Aucune pour l'instant.",
    outputs="Vidéos, conversations et autres : {made}, dont {gone} supprimés ou arrêtés.",
    checks="Vérifications",
    check="{at} : {verdict} ({source})",
    heard="{engine} a transcrit l'enregistrement",
    written="texte fourni, transcrit par {engine} selon la personne qui l'a fourni",
    typed="texte fourni",
    name_score="similarité du nom {score}",
    verdicts={
        "PASS": "l'enregistrement contient des mots conformes à la déclaration et un nom qui ressemble au vôtre",
        "REVIEW": "l'enregistrement a laissé un doute",
        "MISMATCH": "l'enregistrement contient d'autres mots ou un autre nom",
        "UNUSABLE": "l'enregistrement ne contient pas de parole exploitable",
    },
    supplied={
        "PASS": "le texte fourni correspond à la déclaration et à votre nom",
        "UNHEARD": "le texte fourni correspond à la déclaration et à votre nom, mais l'enregistrement n'a pas été "
        "transcrit",
        "REVIEW": "le texte fourni a laissé un doute",
        "MISMATCH": "le texte fourni contient d'autres mots ou un autre nom",
        "UNUSABLE": "l'enregistrement n'a pas été transcrit, et aucun texte exploitable n'a été fourni",
    },
    no_checks="Aucun outil de reconnaissance vocale n'a vérifié l'enregistrement.",
    proof="Preuve que le registre n'a pas été modifié",
    proof_is="Le registre comptait {size} entrées quand ce reçu a été établi ; la dernière a l'empreinte {hash}. "
    "Conservez ce reçu : si l'une de ces entrées est modifiée ensuite, le registre n'a plus cette empreinte.",
    no_ledger="Aucun registre n'a été tenu.",
    limits="Ce que ce reçu ne prouve pas",
    limits_are="Il consigne ce qui a été dit et vérifié. Il ne prouve pas que le consentement est juridiquement "
    "valable, que la personne est bien celle qu'elle prétend être, ni que l'enregistrement a été fait en direct.",
    sound_alike="Les noms qui sonnent de la même façon, comme Maria et Mario Garcia, ne peuvent pas être distingués.",
)

TEXTS: Final[Mapping[str, Texts]] = {"en": _EN, "de": _DE, "es": _ES, "fr": _FR}
