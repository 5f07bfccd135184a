"""Every sentence of the pages stands in the catalogue, in Chinese."""

import re

from api.console.pages import environment
from api.console.wording import translations
from graph.domain.enums import Language
from tools.catalogue import kept, said

_PLACE = re.compile(r"%\(\w+\)[sd]")


def test_no_sentence_is_missing_or_left_over() -> None:
    sentences = {message.id for message in said() if message.id}
    assert len(sentences) > 50
    assert {message.id for message in kept() if message.id} == sentences


def test_every_sentence_is_translated_with_its_places() -> None:
    for message in kept():
        if not message.id:
            continue
        sources = [message.id] if isinstance(message.id, str) else list(message.id)
        made = [message.string] if isinstance(message.string, str) else list(message.string)
        assert all(made), message.id
        assert not message.fuzzy
        for text in (*sources, *made):
            # Pages put values in by %: a sign of its own would be read as a place.
            assert not re.sub(_PLACE, "", text).count("%"), message.id
            assert set(_PLACE.findall(text)) == set(_PLACE.findall(sources[-1])), message.id


def test_pages_use_it() -> None:
    assert translations(Language.ZH).gettext("Desk") == "工作台"
    assert translations(Language.EN).gettext("Desk") == "Desk"
    for language in Language:
        for name in environment(language).list_templates():
            environment(language).get_template(name)
