"""Word lists of the matcher, each with its purpose. Data only; all words in normal form.

A list of dangerous words is never enough: the matcher asks a person about every word that no list explains.
"""

from __future__ import annotations

from typing import Final


def words_of(words: str) -> frozenset[str]:
    """Return the words of one string, which keeps long lists readable."""
    return frozenset(words.split())


NEGATIONS: Final = words_of("not no never cannot without dont cant wont nor neither hardly barely")
"""Words that deny the words beside them."""

REVERSALS: Final = words_of(
    "nothing nobody none nowhere fail fails failed doubt doubts doubted deny denies denied destroy destroys destroyed "
    "delete deletes deleted remove removes erase object objects objected forbid forbids forbade prohibit prohibits "
    "oppose opposes opposed refuse refuses refused refusing decline declines declined declining reject rejects "
    "rejected withdraw withdraws withdrew withdrawing withdrawn revoke revokes revoked retract retracts disagree "
    "dissent dissents resent contest contests condemn prevent prevents ban bans stop stops block blocks hate hates "
    "dislike dislikes cancel cancels refrain denounce protest protests disapprove disavow disallow veto fake"
)
"""Words that reverse the statement if they replace one of its words."""

NEGATING_PREFIXES: Final = ("mis", "un", "dis", "non", "anti")
"""Prefixes that reverse a word of the statement: misused, unlike."""

OTHER_PERSONS: Final = words_of(
    "he she him her his hers himself herself they them their theirs themselves we us our ours ourselves you your yours "
    "yourself someone somebody anyone anybody everyone everybody whoever another other others "
    "wife husband spouse partner girlfriend boyfriend fiance fiancee son daughter child children kid kids baby mother "
    "mom mum father dad parent parents brother sister sibling siblings twin twins uncle aunt cousin nephew niece "
    "grandfather grandmother grandpa grandma grandson granddaughter friend friends neighbor neighbour boss manager "
    "colleague colleagues coworker employee employees employer client clients customer patient student teacher actor "
    "actress model celebrity president ceo team family roommate man woman guy lady boy girl person people"
)
"""Words for a person other than the speaker."""

NOT_A_NAME: Final = words_of(
    "behalf instead name names brother sister mother father wife husband son daughter clone clones copy double avatar "
    "replica ai bot robot assistant agent lawyer attorney representative guardian manager pretending impersonating "
    "playing acting called known someone somebody person voice speaking"
)
"""Words in place of the name which show that another person speaks, or that no person does."""

FUNCTION_WORDS: Final = words_of(
    "a an the and to of in on at by as is am are be been it this that these those so then also too well here there "
    "hereby do does have has had which ah eh er"
)
"""Small words that recognizers add, drop and swap, and that alone do not change the statement."""

CONFUSIONS: Final = {
    "ai": words_of("a i eye ay aye hey high air ad ae eyes ai's"),
    "am": words_of("ham im"),
    "clone": words_of("clones cologne loan cloan clown claw cone"),
    "consent": words_of("content concent consents consented consenting consend constant"),
    "create": words_of("creates created creating crate great"),
    "currently": words_of("current recently"),
    "like": words_of("likes lake alike"),
    "look": words_of("looks looked book"),
    "samples": words_of("sample examples simples"),
    "provide": words_of("provided provides providing"),
    "sound": words_of("sounds sounded found"),
    "speaking": words_of("speak speaks speaker"),
    "me": words_of("mi mee knee"),
    "of": words_of("off"),
    "by": words_of("buy bye"),
    "used": words_of("use uses using youth"),
    "using": words_of("used use"),
    "understand": words_of("understood understands"),
    "video": words_of("videos vidio"),
    "videos": words_of("video vidios"),
    "i": words_of("ai eye hi"),
    "can": words_of("could"),
}
"""The words that recognizers write for a word of the statement."""

CORRECTIONS: Final = (
    ("i", "mean"),
    ("sorry",),
    ("i", "meant"),
    ("correction",),
    ("rather",),
    ("let", "me"),
    ("again",),
)
"""Phrases that correct a slip of the tongue: a denial before one needs a listener; it is not a refusal."""

HARMLESS: Final = words_of(
    # greetings and thanks
    "hello hi hey good morning afternoon evening everyone everybody all welcome thanks thank you very much bye "
    "goodbye cheers nice meet see later day today have great please a an and the to of in my name i am this is it that "
    # the recording itself
    "okay ok right alright ready go going start starting started begin beginning recording record recorded camera mic "
    "microphone on we are rolling can hear me now here there light audio video sound looks look fine perfect done "
    "finished finish over "
    # takes and retakes
    "take again once more time sorry oops let's let lets one two three four five first second read reading statement "
    "ah eh er so then well yeah yes yep sure oh wow cool do did was get got be as its it's how what "
    # the moment itself
    "moment wait hold seconds water deep breath nervous excited happy glad feel feeling a little bit"
)
"""Talk around the statement that does not affect it. Words that can limit or deny it are excluded."""

REPORTED: Final = words_of(
    "say says said saying told tell tells following quote quoted according supposed asked asks pretend "
    "pretending imagine"
)
"""Words before the statement that attribute it to another person."""

LIMITS: Final = words_of("only unless until except provided providing")
"""Words after the statement that limit it at any position."""

SOFT_LIMITS: Final = words_of("but if though although however when while")
"""Words that limit the statement if they continue it, or begin a sentence about the speaker."""

CONSENT: Final = words_of("consent agree agreed clone agreement permission contract paid pay approval")
"""Words that relate a clause beside the statement to the consent."""

EARNEST: Final = words_of("true real mean meant want serious")
"""Words that relate a clause beside the statement to how serious it is."""

PRETENCE: Final = words_of(
    "test testing tests rehearsal practice practicing demo joke joking kidding kidded psych lie lying lied untrue "
    "false fake pretend pretending pretended acting sarcasm sarcastic hypothetically hypothetical"
)
"""Words which show that the statement is not meant seriously."""

DURESS: Final = words_of(
    "forced forcing coerced threatened pressured blackmailed duress otherwise fired obliged compelled must"
)
"""Words which show that the speaker is under pressure."""

NUMBERS: Final = words_of(
    "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17"
)
"""Ages below 18."""

VENDORS: Final = words_of(
    "akool colossyan deepbrain elevenlabs google hedra heygen microsoft openai respeecher soulmachines synthesia"
)
"""Other companies that clone people or voices, letters only."""

VENDOR_WORDS: Final = words_of("amazon apple captions descript did elai hourone meta resemble runway")
"""The same for names that are also words: they only count in place of the company's name."""
