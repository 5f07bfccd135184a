"""The catalogue of the console's sentences: brings `zh.po` up to what pages say.

``python -m tools.catalogue``; new sentences then have an empty translation, which a test refuses.
"""

from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

CONSOLE = Path(__file__).parent.parent / "api" / "console"
FILE = CONSOLE / "locale" / "zh.po"
_KEYWORDS = {"_": None, "gettext": None, "N_": None, "ngettext": (1, 2), "_n": (1, 2)}
_METHODS = [("**.py", "python"), ("**/templates/**.html", "jinja2.ext:babel_extract")]


def said() -> Catalog:
    """Every sentence that pages say, untranslated."""
    made = Catalog(project="complaint-graph", locale="zh")
    options = {"**/templates/**.html": {"newstyle_gettext": "true", "silent": "false"}}
    found = extract_from_dir(
        CONSOLE, _METHODS, options, keywords=_KEYWORDS, comment_tags=(), strip_comment_tags=False
    )
    for _, _, message, _, context in found:
        made.add(message, context=context)
    return made


def kept() -> Catalog:
    """The catalogue as it is kept."""
    with FILE.open("rb") as text:
        return read_po(text, locale="zh", abort_invalid=True)


def main() -> None:
    template = said()
    catalogue = kept() if FILE.exists() else Catalog(locale="zh", project="complaint-graph")
    catalogue.update(template, no_fuzzy_matching=True)
    catalogue.obsolete.clear()
    with FILE.open("wb") as text:
        write_po(text, catalogue, sort_output=True, omit_header=True, no_location=True, width=100)


if __name__ == "__main__":
    main()
