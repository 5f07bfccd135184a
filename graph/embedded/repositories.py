"""Which Maven repositories are asked for jars, and in which order.

First those in the options, then those of jgo's configuration file (``~/.config/jgo.conf`` or what
``JGO_CONFIG_FILE`` names; section ``[repositories]``, lines ``name = address``), then Maven
Central: in its place the address of ``central`` in that file, or the mirror of Central that
Maven's own ``~/.m2/settings.xml`` names.
"""

import configparser
from pathlib import Path
from xml.etree import ElementTree

from graph.errors import ConfigurationError

_SETTINGS = Path(".m2") / "settings.xml"
#: values of ``mirrorOf`` that mean Central, too
_CENTRAL = {"central", "*", "external:*", "external:http:*"}


def repositories(options: tuple[str, ...]) -> dict[str, str]:
    """Names and addresses in the order in which they are asked."""
    from jgo.constants import MAVEN_CENTRAL_URL

    named = {f"option {number}": url for number, url in enumerate(options, start=1)}
    named |= _configured()
    if "central" not in named:
        named["central"] = mirror_of_central(Path.home() / _SETTINGS) or MAVEN_CENTRAL_URL
    return {name: url.rstrip("/") for name, url in named.items()}


def _configured() -> dict[str, str]:
    """The repositories of jgo's configuration."""
    from jgo.config import GlobalSettings

    try:
        return dict(GlobalSettings.load().repositories)
    except configparser.Error as error:
        reason = " ".join(str(error).split())
        raise ConfigurationError(f"jgo's configuration cannot be read: {reason}.") from error


def mirror_of_central(settings: Path) -> str | None:
    """The address that Maven's settings name in place of Central."""
    if not settings.exists():
        return None
    try:
        root = ElementTree.parse(settings).getroot()  # noqa: S314 (the user's own file)
    except ElementTree.ParseError as error:
        raise ConfigurationError(
            f"{settings} is not well-formed XML ({error}): mend it."
        ) from error
    for mirror in root.iterfind("{*}mirrors/{*}mirror"):
        of = (mirror.findtext("{*}mirrorOf") or "").replace(" ", "").split(",")
        if _CENTRAL.intersection(of) and "!central" not in of:
            return mirror.findtext("{*}url")
    return None
