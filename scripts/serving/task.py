"""What a command line said, handed from process to process."""

from collections.abc import Mapping
from dataclasses import dataclass

from api.services import demo_settings
from api.settings import Settings


@dataclass(frozen=True, slots=True)
class Task:
    """``server``: settings of the section ``server`` that count more than others; ``demo``: of the
    demo bank.
    """

    server: Mapping[str, int | str]
    demo: bool

    def settings(self) -> Settings:
        """The settings as variables and files say them now."""
        settings = Settings.load()
        if self.server:
            settings = Settings.load(server={**settings.server.model_dump(), **self.server})
        return demo_settings(settings) if self.demo else settings
