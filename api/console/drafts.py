"""The draft of an answer in its form, and what is wrong with what was typed there."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from api.console import steps
from api.console.asking import Console, Visit
from api.console.forms import choices
from graph.domain.enums import Language
from graph.domain.lifecycle import Step

#: What a form keeps of the draft that stands in it, by the field of the mutation's input.
KEPT: Mapping[str, str] = {"template": "draftTemplate", "text": "draftText"}


@dataclass(frozen=True, slots=True)
class Drafted:
    """``draft``: as the API gives it, None where there is none; ``words``: labels of its enums.

    ``problems``: of what was typed; ``kept``: the draft that what was typed was made from.
    """

    draft: Mapping[str, Any] | None = None
    words: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    problems: Sequence[Mapping[str, Any]] = ()
    kept: Mapping[str, str] = field(default_factory=dict)

    @property
    def text(self) -> str | None:
        return None if self.draft is None else str(self.draft["text"])


async def draft_of(
    console: Console,
    visit: Visit,
    case: Mapping[str, Any],
    sent: Mapping[str, Sequence[str]] | None = None,
) -> Drafted:
    """The draft for a case as it stands, or for the decision that was typed.

    Without a decision there is none. The language is that of the complaint, or as typed.
    """
    proposed = None if sent is None else _proposed(console, visit, sent)
    if proposed is None and case["course"]["proposal"] is None:
        return Drafted()
    answer = await console.ask(
        visit,
        "answer-draft",
        complaint=case["id"],
        proposed=proposed,
        language=_language(case, sent or {}),
    )
    draft = answer.data["answerDraft"]
    kept = {} if draft is None else {"template": draft["template"], "text": draft["text"]}
    return Drafted(draft, choices(answer.data), kept=kept)


async def problems_of(
    console: Console, visit: Visit, complaint: str, sent: Mapping[str, Sequence[str]]
) -> Sequence[Mapping[str, Any]]:
    """What is wrong with the answer as typed; nothing where none was, or no decision."""
    text, proposed = _lines(sent.get("summary", [""])[0]), _proposed(console, visit, sent)
    if not text.strip() or proposed is None:
        return ()
    answer = await console.ask(
        visit, "answer-problems", complaint=complaint, proposed=proposed, text=text
    )
    return answer.data["answerProblems"] or ()


def kept_in(sent: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """The draft that a form was filled with; nothing where there was none."""
    kept = {name: _lines(sent.get(typed, [""])[0]) for name, typed in KEPT.items()}
    return kept if all(kept.values()) else {}


def _proposed(
    console: Console, visit: Visit, sent: Mapping[str, Sequence[str]]
) -> dict[str, Any] | None:
    """The decision as typed; None without an outcome."""
    asked = steps.fields(console.schema._schema, Step.ANSWER)
    typed = steps.sent(asked, sent, {}, visit.services.zone)
    made = {name: typed.get(name) for name in ("outcome", "remedy", "compensation")}
    return None if made["outcome"] is None else made


def _language(case: Mapping[str, Any], sent: Mapping[str, Sequence[str]]) -> str:
    chosen = sent.get("language", [""])[0]
    if chosen in set(Language):
        return chosen
    return Language.EN if (case["language"] or "").startswith("en") else Language.ZH


def _lines(text: str) -> str:
    """Forms send breaks of lines as two characters."""
    return text.replace("\r\n", "\n")
