"""In which language a request wants its labels and sentences."""

from babel import negotiate_locale

from api.replies import weighted
from graph.domain.enums import Language

_LANGUAGES = {str(language).lower(): language for language in Language}


def negotiated(header: str | None) -> Language:
    """By ``Accept-Language``, the one liked most that there is; Chinese where it names none.

    Regions and scripts are left aside: ``zh-Hant-HK`` is Chinese, ``en-GB`` English.
    """
    liked = [(name, quality) for name, quality in weighted(header or "") if quality > 0]
    ranked = sorted(liked, key=lambda each: -each[1])
    found = negotiate_locale([name for name, _ in ranked], _LANGUAGES, sep="-")
    return Language.ZH if found is None else _LANGUAGES[found]
