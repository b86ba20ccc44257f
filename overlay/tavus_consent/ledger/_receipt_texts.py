"""The words of a receipt in four languages. The statement itself is not among them: it is said in English."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from attrs import frozen

from tavus_consent.consent.matching import SOUND_ALIKE
from tavus_consent.consent.statement import LIMITS


@frozen(kw_only=True)
class Texts:
    """One language. Names in braces are filled in."""

    title: str
    number: str
    said: str
    said_in: str
    not_stated: str
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
    title="Receipt for a consent",
    number="Receipt {receipt}, written {at}. Record {record}.",
    said="What the statement says",
    said_in="The statement is read in English: {template}, version {version}.",
    not_stated="not stated by the controller",
    standing="Where it stands",
    states={
        "requested": "It was asked for; there is no recording yet.",
        "recorded": "There is a recording; it does not count as consent yet.",
        "review": "There is a recording; somebody has to look at it first.",
        "given": "The consent is given, since {at}.",
        "expired": "The consent has ended; nothing new may be made with it.",
        "refused": "It was refused.",
        "lapsed": "Nobody answered; there is no consent.",
        "withdrawing": "It was withdrawn on {withdrawn}. That holds at once; deleting what was made is under way.",
        "withdrawn": "It was withdrawn on {withdrawn}, and what was made is deleted.",
        "invalidated": "It was declared invalid.",
    },
    parties="Who is involved",
    subject="You",
    controller="Asked by, and responsible for your data",
    processor="Makes the replica for them",
    notice="Privacy notice",
    uses="For which uses",
    uses_given="As they were told to you; consent to create a replica is not consent to every use.",
    no_uses="No uses were named beyond those in the statement.",
    until="Until when",
    until_is="{at}. Then it ends by itself.",
    withdraw="How to take it back",
    withdraw_is="At any time and without a reason: {where}",
    kept="Kept in: {where}. For how long: {retention}",
    replicas="Replicas made with it",
    gone="deleted",
    no_replicas="None yet.",
    checks="How it was checked",
    check="{at}: {verdict} ({source})",
    heard="{engine} listened to the recording",
    written="somebody supplied this text and says that {engine} wrote it",
    typed="somebody supplied this text",
    name_score="likeness of the name {score}",
    verdicts={
        "PASS": "words that match the statement were heard, and a name that sounds like yours",
        "REVIEW": "what was heard left a doubt",
        "MISMATCH": "something else, or another name, was heard",
        "UNUSABLE": "nothing usable was heard",
    },
    supplied={
        "PASS": "the supplied text matches the statement and your name",
        "UNHEARD": "the supplied text matches the statement and your name, but nobody listened to the recording",
        "REVIEW": "the supplied text left a doubt",
        "MISMATCH": "the supplied text says something else, or another name",
        "UNUSABLE": "nobody listened, and no usable text was supplied",
    },
    no_checks="No recogniser has listened to it.",
    proof="How to hold us to it",
    proof_is="The ledger had {size} entries when this was written; the last one has the hash {hash}. Keep this "
    "receipt: whoever changes an entry up to that one later can no longer show you this hash.",
    no_ledger="No ledger was kept.",
    limits="What this does not say",
    limits_are=LIMITS,
    sound_alike=SOUND_ALIKE,
)

_DE: Final = Texts(
    title="Beleg über eine Einwilligung",
    number="Beleg {receipt}, ausgestellt am {at}. Vorgang {record}.",
    said="Was die Erklärung sagt",
    said_in="Die Erklärung wird auf Englisch gesprochen: {template}, Fassung {version}.",
    not_stated="vom Verantwortlichen nicht angegeben",
    standing="Wie es steht",
    states={
        "requested": "Um die Einwilligung wurde gebeten; es gibt noch keine Aufnahme.",
        "recorded": "Es gibt eine Aufnahme; sie zählt noch nicht als Einwilligung.",
        "review": "Es gibt eine Aufnahme; erst muss ein Mensch sie ansehen.",
        "given": "Die Einwilligung ist erteilt, seit {at}.",
        "expired": "Die Einwilligung ist abgelaufen; mit ihr darf nichts Neues entstehen.",
        "refused": "Die Einwilligung wurde verweigert.",
        "lapsed": "Niemand hat geantwortet; es gibt keine Einwilligung.",
        "withdrawing": "Sie wurde am {withdrawn} widerrufen. Das gilt sofort; das Löschen ist im Gange.",
        "withdrawn": "Sie wurde am {withdrawn} widerrufen, und was entstanden war, ist gelöscht.",
        "invalidated": "Sie wurde für ungültig erklärt.",
    },
    parties="Wer beteiligt ist",
    subject="Sie",
    controller="Hat gefragt und ist für Ihre Daten verantwortlich",
    processor="Stellt das Abbild in dessen Auftrag her",
    notice="Datenschutzhinweis",
    uses="Für welche Zwecke",
    uses_given="So, wie sie Ihnen genannt wurden; wer in das Abbild einwilligt, willigt nicht in jeden Gebrauch ein.",
    no_uses="Über die Erklärung hinaus wurden keine Zwecke genannt.",
    until="Bis wann",
    until_is="{at}. Dann endet sie von selbst.",
    withdraw="Wie Sie widerrufen",
    withdraw_is="Jederzeit und ohne Angabe von Gründen: {where}",
    kept="Gespeichert in: {where}. Wie lange: {retention}",
    replicas="Damit hergestellte Abbilder",
    gone="gelöscht",
    no_replicas="Noch keine.",
    checks="Wie geprüft wurde",
    check="{at}: {verdict} ({source})",
    heard="{engine} hat die Aufnahme angehört",
    written="jemand hat diesen Text geliefert und sagt, dass {engine} ihn geschrieben hat",
    typed="jemand hat diesen Text geliefert",
    name_score="Ähnlichkeit des Namens {score}",
    verdicts={
        "PASS": "gehört wurden Wörter, die zur Erklärung passen, und ein Name, der wie Ihrer klingt",
        "REVIEW": "das Gehörte ließ einen Zweifel",
        "MISMATCH": "gehört wurde etwas anderes oder ein anderer Name",
        "UNUSABLE": "nichts Brauchbares wurde gehört",
    },
    supplied={
        "PASS": "der gelieferte Text passt zur Erklärung und zu Ihrem Namen",
        "UNHEARD": "der gelieferte Text passt zur Erklärung und zu Ihrem Namen, aber niemand hat die Aufnahme angehört",
        "REVIEW": "der gelieferte Text ließ einen Zweifel",
        "MISMATCH": "der gelieferte Text sagt etwas anderes oder einen anderen Namen",
        "UNUSABLE": "niemand hat zugehört, und kein brauchbarer Text wurde geliefert",
    },
    no_checks="Keine Spracherkennung hat zugehört.",
    proof="Wie Sie uns beim Wort nehmen",
    proof_is="Das Register hatte {size} Einträge, als dies ausgestellt wurde; der letzte hat die Prüfsumme {hash}. "
    "Heben Sie diesen Beleg auf: Wer einen Eintrag bis dahin später ändert, kann Ihnen diese Prüfsumme nicht mehr "
    "vorweisen.",
    no_ledger="Es wurde kein Register geführt.",
    limits="Was dieser Beleg nicht sagt",
    limits_are="Er hält fest, was gesagt und geprüft wurde; er belegt nicht, dass die Einwilligung rechtlich wirksam "
    "ist, dass die Person die ist, für die sie sich ausgibt, oder dass die Aufnahme live ist.",
    sound_alike="Namen, die ähnlich klingen, etwa Maria und Mario Garcia, lassen sich nicht unterscheiden.",
)

_ES: Final = Texts(
    title="Recibo de un consentimiento",
    number="Recibo {receipt}, emitido el {at}. Expediente {record}.",
    said="Lo que dice la declaración",
    said_in="La declaración se lee en inglés: {template}, versión {version}.",
    not_stated="no indicado por el responsable",
    standing="En qué estado está",
    states={
        "requested": "Se ha pedido; todavía no hay grabación.",
        "recorded": "Hay una grabación; todavía no cuenta como consentimiento.",
        "review": "Hay una grabación; antes tiene que verla una persona.",
        "given": "El consentimiento está dado, desde el {at}.",
        "expired": "El consentimiento ha terminado; no se puede hacer nada nuevo con él.",
        "refused": "Fue denegado.",
        "lapsed": "Nadie respondió; no hay consentimiento.",
        "withdrawing": "Fue retirado el {withdrawn}. Vale desde ese momento; se está borrando lo que se hizo.",
        "withdrawn": "Fue retirado el {withdrawn}, y lo que se hizo está borrado.",
        "invalidated": "Fue declarado inválido.",
    },
    parties="Quiénes intervienen",
    subject="Usted",
    controller="Lo pidió y responde de sus datos",
    processor="Hace la réplica por su encargo",
    notice="Aviso de privacidad",
    uses="Para qué usos",
    uses_given="Tal como se le dijeron; consentir que se cree una réplica no es consentir cualquier uso.",
    no_uses="No se nombraron usos además de los de la declaración.",
    until="Hasta cuándo",
    until_is="{at}. Entonces termina por sí solo.",
    withdraw="Cómo retirarlo",
    withdraw_is="En cualquier momento y sin dar motivos: {where}",
    kept="Se guarda en: {where}. Durante cuánto tiempo: {retention}",
    replicas="Réplicas hechas con él",
    gone="borrada",
    no_replicas="Ninguna todavía.",
    checks="Cómo se comprobó",
    check="{at}: {verdict} ({source})",
    heard="{engine} escuchó la grabación",
    written="alguien aportó este texto y dice que lo escribió {engine}",
    typed="alguien aportó este texto",
    name_score="parecido del nombre {score}",
    verdicts={
        "PASS": "se oyeron palabras que corresponden a la declaración y un nombre que suena como el suyo",
        "REVIEW": "lo que se oyó dejó una duda",
        "MISMATCH": "se oyó otra cosa u otro nombre",
        "UNUSABLE": "no se oyó nada utilizable",
    },
    supplied={
        "PASS": "el texto aportado corresponde a la declaración y a su nombre",
        "UNHEARD": "el texto aportado corresponde a la declaración y a su nombre, pero nadie escuchó la grabación",
        "REVIEW": "el texto aportado dejó una duda",
        "MISMATCH": "el texto aportado dice otra cosa u otro nombre",
        "UNUSABLE": "nadie escuchó la grabación y no se aportó ningún texto utilizable",
    },
    no_checks="Ningún reconocedor de voz la ha escuchado.",
    proof="Cómo exigirnos cuentas",
    proof_is="El registro tenía {size} entradas cuando se emitió este recibo; la última tiene la huella {hash}. Guarde "
    "este recibo: quien cambie después una entrada hasta esa ya no podrá mostrarle esta huella.",
    no_ledger="No se llevó ningún registro.",
    limits="Lo que este recibo no dice",
    limits_are="Recoge lo que se dijo y se comprobó; no demuestra que el consentimiento sea jurídicamente válido, que "
    "la persona sea quien dice ser ni que la grabación sea en vivo.",
    sound_alike="Los nombres que suenan parecido, como Maria y Mario Garcia, no se pueden distinguir.",
)

_FR: Final = Texts(
    title="Reçu d'un consentement",
    number="Reçu {receipt}, établi le {at}. Dossier {record}.",
    said="Ce que dit la déclaration",
    said_in="La déclaration est lue en anglais : {template}, version {version}.",
    not_stated="non indiqué par le responsable",
    standing="Où il en est",
    states={
        "requested": "Il a été demandé ; il n'y a pas encore d'enregistrement.",
        "recorded": "Il y a un enregistrement ; il ne vaut pas encore consentement.",
        "review": "Il y a un enregistrement ; une personne doit d'abord le regarder.",
        "given": "Le consentement est donné, depuis le {at}.",
        "expired": "Le consentement a pris fin ; rien de nouveau ne peut être fait avec lui.",
        "refused": "Il a été refusé.",
        "lapsed": "Personne n'a répondu ; il n'y a pas de consentement.",
        "withdrawing": "Il a été retiré le {withdrawn}. Cela vaut aussitôt ; ce qui a été fait est en cours "
        "d'effacement.",
        "withdrawn": "Il a été retiré le {withdrawn}, et ce qui avait été fait est effacé.",
        "invalidated": "Il a été déclaré invalide.",
    },
    parties="Qui est concerné",
    subject="Vous",
    controller="A demandé, et répond de vos données",
    processor="Fabrique la réplique pour son compte",
    notice="Avis de confidentialité",
    uses="Pour quels usages",
    uses_given="Tels qu'ils vous ont été dits ; consentir à la création d'une réplique n'est pas consentir à tout "
    "usage.",
    no_uses="Aucun usage n'a été nommé en dehors de ceux de la déclaration.",
    until="Jusqu'à quand",
    until_is="{at}. Il prend alors fin de lui-même.",
    withdraw="Comment le retirer",
    withdraw_is="À tout moment et sans donner de raison : {where}",
    kept="Conservé à : {where}. Pendant combien de temps : {retention}",
    replicas="Répliques faites avec lui",
    gone="effacée",
    no_replicas="Aucune pour l'instant.",
    checks="Comment il a été vérifié",
    check="{at} : {verdict} ({source})",
    heard="{engine} a écouté l'enregistrement",
    written="quelqu'un a fourni ce texte et dit que {engine} l'a écrit",
    typed="quelqu'un a fourni ce texte",
    name_score="ressemblance du nom {score}",
    verdicts={
        "PASS": "on a entendu des mots qui correspondent à la déclaration et un nom qui sonne comme le vôtre",
        "REVIEW": "ce qui a été entendu a laissé un doute",
        "MISMATCH": "on a entendu autre chose, ou un autre nom",
        "UNUSABLE": "rien d'utilisable n'a été entendu",
    },
    supplied={
        "PASS": "le texte fourni correspond à la déclaration et à votre nom",
        "UNHEARD": "le texte fourni correspond à la déclaration et à votre nom, mais personne n'a écouté "
        "l'enregistrement",
        "REVIEW": "le texte fourni a laissé un doute",
        "MISMATCH": "le texte fourni dit autre chose, ou un autre nom",
        "UNUSABLE": "personne n'a écouté, et aucun texte utilisable n'a été fourni",
    },
    no_checks="Aucun outil de reconnaissance vocale ne l'a écouté.",
    proof="Comment nous demander des comptes",
    proof_is="Le registre comptait {size} entrées quand ce reçu a été établi ; la dernière a l'empreinte {hash}. "
    "Gardez ce reçu : qui modifie ensuite une entrée jusqu'à celle-là ne pourra plus vous montrer cette empreinte.",
    no_ledger="Aucun registre n'a été tenu.",
    limits="Ce que ce reçu ne dit pas",
    limits_are="Il consigne ce qui a été dit et vérifié ; il n'établit pas que le consentement est juridiquement "
    "valable, que la personne est bien celle qu'elle prétend être, ni que l'enregistrement est en direct.",
    sound_alike="Les noms qui sonnent de la même façon, comme Maria et Mario Garcia, ne peuvent pas être distingués.",
)

TEXTS: Final[Mapping[str, Texts]] = {"en": _EN, "de": _DE, "es": _ES, "fr": _FR}
