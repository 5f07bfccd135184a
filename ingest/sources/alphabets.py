"""Which code page a text is in, by the letters that its languages write.

The code pages of one byte a character differ in few places, and every one of them gives some text.
So each is read and held against the alphabets of its languages: the right one gives letters of one
language, the usual ones most often, and no signs inside words.
"""

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

#: Letters beyond ASCII of each language, the most frequent ones first, by the code page that has
#: them; the pages that are met most come first.
_LATIN: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "cp1252": (
            "éèàêçôâîûùëïœüæÿ",  # French
            "üäöß",  # German
            "óáíéñúü",  # Spanish
            "íáóéñúü",  # Galician
            "ãçéáíóêõâúàôü",  # Portuguese
            "èàòéùìîí",  # Italian
            "äåöé",  # Swedish
            "äöåšžé",  # Finnish
            "åøæéòó",  # Danish, Norwegian
            "ðáíþóéöúæý",  # Icelandic
            "éëïèóöüáê",  # Dutch
            "óèàéíçòúïü",  # Catalan
            "éñïèöüáç",  # English
        ),
        "cp1250": (
            "łęóążśćńź",  # Polish
            "íáéěřžčýšůúťďňó",  # Czech
            "áíýéčžšúľťôňäóďŕĺ",  # Slovak
            "éáőöóíüúű",  # Hungarian
            "ăîşţâ",  # Romanian
            "čšžćđ",  # Croatian, Bosnian, Serbian, Slovene
        ),
        "cp1254": ("ışüğçöİâîû",),  # Turkish
        "cp1257": (
            "ėųšąįžūčę",  # Lithuanian
            "āīēšūņļķžčģ",  # Latvian
            "äõüöšž",  # Estonian
        ),
        # Vietnamese
        "cp1258": ("àđáưạôảếơộâêạủăịờốớấầợữệươọựổừđúùéèìíòóýẹẻẽỉĩỏõụũỳỵỷỹãẫẩằắẵẳặềểễồỗỡởứử",),
    }
)
_OTHERS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "cp1251": (
            "оеаинтсрвлкмдпуяыьгзбчйхжшюцщэфъё",  # Russian
            "оаінвиертсклудмпзяьбгйчхцїюжєшщфґ",  # Ukrainian
            "аиоентрсвлкдпмзгяъубчцйжщхшюфь",  # Bulgarian
            "аиоенрсуткјвдмплгзбшчцжњхћђљфџ",  # Serbian
            "аоеинтрсвкдлпмузјгбчшцжќхњфѓљџѕ",  # Macedonian
        ),
        "cp1253": ("αοτιενρσκηπςυμλίόάγέδήωχθύφβώξζψϊϋΐΰ",),  # Greek
        "cp1255": ("יוהלרבתמאשנעםדקחפסכגטצןזךףץ",),  # Hebrew
        "cp1256": (
            "اليمونرتبةعدسفهكقأحجشطصىخإذزثئغضظءآؤ",  # Arabic
            "ایردنهومتبسلکشزفگعخقجآپحطصيكچغضذظثژئءأؤ",  # Persian
        ),
        "cp874": ("านรอกเงมยลวดทสตะปบคหแจพชขใไโธซณถภศผฟญฐษฎฉฤฝฮฏฌฆฒฬฑฯๆ",),  # Thai
    }
)
#: The code pages of Cyrillic, Greek, Hebrew, Arabic and Thai.
OTHER_PAGES = tuple(_OTHERS)
#: All code pages that are told apart, the usual ones first.
_PAGES = (*_LATIN, *_OTHERS)

#: What a letter outside the alphabet is worth beside one in it.
_FOREIGN = 1e-4
#: Signs that stand inside words all the same.
_IN_WORDS = frozenset("’‘'·\u00ad-–")
#: Letters that are signs of order: 1º.
_ORDINALS = "ªº"
_WORD = re.compile(r"[^\W\d_]+")
_ASCII_LETTER = re.compile(r"[A-Za-z]")
#: From this share on, letters beyond ASCII stand in words of Latin letters.
_MOSTLY = 0.5
#: The share of letters beyond ASCII that one language has, and of a text that is known to be Latin.
OF_ONE_ALPHABET = 0.85
MOST_OF_ONE_ALPHABET = 0.5

#: Natural logarithm of a ratio of likelihoods: what is nearer to the best is as good.
_CLEARLY = 5.0
#: More characters show nothing more.
_MOST_CHARACTERS = 20_000


@dataclass(frozen=True, slots=True)
class _Fit:
    """How well a code page explains a text: the logarithm of a likelihood, the share of letters
    beyond ASCII that are of its best language's alphabet, and the text that it gives.
    """

    page: str
    likelihood: float
    share: float
    text: str


def latin_pages(data: bytes, least: float = OF_ONE_ALPHABET) -> tuple[str, ...]:
    """The code pages of Latin letters that explain the bytes, the best first, and of those that
    give the same text the usual one; several where too little tells them apart, none for another
    script.

    ``least``: the share of letters beyond ASCII that one language must have.
    """
    return _explaining(data, _LATIN, least, is_latin=True)


def other_pages(data: bytes) -> tuple[str, ...]:
    """The same of Cyrillic, Greek, Hebrew, Arabic and Thai."""
    return _explaining(data, _OTHERS, OF_ONE_ALPHABET, is_latin=False)


def _explaining(
    data: bytes, alphabets: Mapping[str, tuple[str, ...]], least: float, *, is_latin: bool
) -> tuple[str, ...]:
    every = (_fit(data, page, alphabets[page]) for page in alphabets)
    fits = [fit for fit in every if fit is not None and fit.share >= least]
    # Sorting keeps the order of pages that are as good, the usual ones first.
    fits.sort(key=lambda fit: -fit.likelihood)
    if not fits or _is_latin(fits[0].text) != is_latin:
        return ()
    usual: dict[str, _Fit] = {}
    for fit in sorted(fits, key=lambda fit: _PAGES.index(fit.page)):
        usual.setdefault(fit.text, fit)
    best = fits[0].likelihood
    return tuple(
        fit.page
        for fit in fits
        if usual[fit.text] is fit and best - max(_of(fits, fit.text)) < _CLEARLY
    )


def _of(fits: Sequence[_Fit], text: str) -> Iterator[float]:
    return (fit.likelihood for fit in fits if fit.text == text)


def _fit(data: bytes, page: str, alphabets: Sequence[str]) -> _Fit | None:
    try:
        text = unicodedata.normalize("NFC", data.decode(page))[:_MOST_CHARACTERS]
    except UnicodeDecodeError:
        return None
    counts = Counter(_letters(text))
    total = counts.total()
    if not total:
        return _Fit(page, 0.0, 1.0, text)
    likelihood, known = max(_against(counts, alphabet) for alphabet in alphabets)
    return _Fit(page, likelihood, known / total, text)


def _letters(text: str) -> Iterator[str]:
    """The letters beyond ASCII, small; an empty text for each character that no word may have: a
    sign between letters, a capital behind a small letter, a mark that its letter does not take.
    """
    for before, character, after in zip(" " + text, text, text[1:] + " ", strict=False):
        if character.isascii():
            continue
        if character.isalpha() and character not in _ORDINALS:
            inside = character.isupper() and before.islower()
            # The small letter of İ is two characters.
            yield "" if inside else character if character == "İ" else character.lower()
        elif unicodedata.category(character).startswith("M"):
            if before.isascii():
                yield ""
        elif before.isalpha() and after.isalpha() and character not in _IN_WORDS:
            yield ""


def _against(counts: Mapping[str, int], alphabet: str) -> tuple[float, int]:
    """The logarithm of the likelihood of so many letters in a language that writes this alphabet,
    its letters rarer in their order, and how many are of it.
    """
    every = sum(1 / rank for rank in range(1, len(alphabet) + 1))
    worth = {letter: 1 / rank / every for rank, letter in enumerate(alphabet, 1)}
    likelihood = sum(n * math.log(worth.get(letter, _FOREIGN)) for letter, n in counts.items())
    return likelihood, sum(n for letter, n in counts.items() if letter in worth)


def _is_latin(text: str) -> bool:
    """Whether letters beyond ASCII stand in words of Latin letters, as in no other script."""
    words = [word for word in _WORD.findall(text) if not word.isascii()]
    mixed = sum(_ASCII_LETTER.search(word) is not None for word in words)
    return mixed >= _MOSTLY * len(words)
