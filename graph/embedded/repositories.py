"""Which Maven repositories are asked for jars, and in which order.

First those in the options, then those of jgo's configuration file (``~/.config/jgo.conf`` or what
``JGO_CONFIG_FILE`` names; section ``[repositories]``, lines ``name = address``), then those of
Maven's own ``~/.m2/settings.xml``, with Maven Central or its mirror as the last. ``central`` in
jgo's file stands in place of all that Maven's says.
"""

import configparser
from pathlib import Path

from graph.embedded.maven import CENTRAL, Repository, repositories_of
from graph.errors import ConfigurationError

_SETTINGS = Path(".m2") / "settings.xml"


def repositories(options: tuple[str, ...]) -> tuple[Repository, ...]:
    """In the order in which they are asked.

    Raises:
        ConfigurationError: a configuration cannot be used; the message says why and what to do.
    """
    from jgo.constants import MAVEN_CENTRAL_URL

    configured = _configured()
    asked = [Repository.at(address) for address in (*options, *configured.values())]
    if CENTRAL not in configured:
        asked += repositories_of(Path.home() / _SETTINGS, MAVEN_CENTRAL_URL)
    if not asked:
        raise ConfigurationError(
            f"{Path.home() / _SETTINGS} blocks every repository: name one that gives Neo4j's jars."
        )
    return tuple(dict.fromkeys(asked))


def _configured() -> dict[str, str]:
    """The repositories of jgo's configuration."""
    from jgo.config import GlobalSettings

    try:
        return dict(GlobalSettings.load().repositories)
    except configparser.InterpolationError as error:  # its text holds part of the address
        raise ConfigurationError(
            f"jgo's configuration cannot be read: write %% for % in {error.option}."
        ) from error
    except configparser.Error as error:
        reason = " ".join(str(error).split())
        raise ConfigurationError(f"jgo's configuration cannot be read: {reason}.") from error
