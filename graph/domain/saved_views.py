"""Lists that a person has kept under a name."""

from dataclasses import dataclass

from graph.errors import InvalidInputError

#: How many one person keeps.
MOST = 50
LONGEST_NAME = 80
LONGEST_QUERY = 2_000


@dataclass(frozen=True, slots=True)
class SavedView:
    """``query``: what shows it again, as the frontend that keeps it writes it."""

    name: str
    query: str

    def __post_init__(self) -> None:
        for part, text, longest in (
            ("name", self.name, LONGEST_NAME),
            ("query", self.query, LONGEST_QUERY),
        ):
            if not 1 <= len(text.strip()) <= longest:
                raise InvalidInputError(f"{part} takes 1 to {longest:,} characters.", path=[part])
