"""The file of procedures, checked when it is read."""

import tomllib
from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from graph.domain.enums import Language
from graph.domain.lifecycle import Step
from graph.domain.vocabulary import Vocabulary
from graph.errors import ConfigurationError
from graph.validation import problems


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Words(_Part):
    zh: str = Field(min_length=1)
    en: str = Field(min_length=1)

    def text(self, language: Language) -> str:
        return self.zh if language is Language.ZH else self.en


class Advice(Words):
    """What to do at one step."""

    step: Step


class Procedure(_Part):
    """``types`` and ``products`` empty: for all of them."""

    code: str = Field(pattern=r"^[A-Z0-9_-]{1,64}$")
    title: Words
    types: tuple[str, ...] = ()
    products: tuple[str, ...] = ()
    advice: tuple[Advice, ...] = Field(min_length=1)

    def fits(self, type_: str | None, products: Sequence[str]) -> bool:
        of_type = not self.types or type_ in self.types
        return of_type and (not self.products or not set(self.products).isdisjoint(products))

    @property
    def narrow(self) -> int:
        """How special it is: special ones are shown first."""
        return bool(self.types) + 2 * bool(self.products)


class Procedures(_Part):
    version: Literal[1]
    procedure: tuple[Procedure, ...]

    def for_case(self, type_: str | None, products: Sequence[str]) -> list[Procedure]:
        """Those that fit, the most special first."""
        fitting = [each for each in self.procedure if each.fits(type_, products)]
        return sorted(fitting, key=lambda each: (-each.narrow, each.code))


def load_procedures(path: Path | None, vocabulary: Vocabulary) -> Procedures:
    """The bank's own file, or the shipped one.

    Raises:
        ConfigurationError: names the file, the place in it and what is wrong there.
    """
    shipped = files("ingest.guidance") / "procedures.toml"
    name = str(path) if path else "the shipped procedures"
    try:
        text = path.read_text(encoding="utf-8") if path else shipped.read_text(encoding="utf-8")
        read = Procedures.model_validate(tomllib.loads(text))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigurationError(f"{name}: cannot be read as TOML: {error}.") from error
    except ValidationError as error:
        told = "; ".join(problems(error, Procedures))
        raise ConfigurationError(f"{name}: {told}.") from error
    for number, each in enumerate(read.procedure):
        unknown = sorted(set(each.types) - set(vocabulary.types))
        if unknown:
            raise ConfigurationError(
                f"{name}: procedure.{number}.types: {', '.join(unknown)} is no type; use some of "
                f"{', '.join(vocabulary.types)}."
            )
    return read
