"""A language model behind an OpenAI-compatible endpoint that may say a draft in other words."""

from dataclasses import dataclass, field
from typing import Any

import httpx
import structlog

from graph.domain.enums import Language
from graph.errors import UnavailableError

log = structlog.get_logger(__name__)

_ASKED = {
    Language.ZH: (
        "请把下面这封银行给客户的投诉答复改写得更通顺、更亲切。只改措辞：不得增减任何事实、金额、日期、期限、"
        "编号、电话或承诺，不得省略任何一项内容。只输出改写后的答复。"
    ),
    Language.EN: (
        "Say this answer of a bank to a customer's complaint in plainer and friendlier words. "
        "Change the wording alone: add and leave out no fact, amount, date, time limit, reference, "
        "telephone number or promise. Give the answer alone."
    ),
}


@dataclass(frozen=True, slots=True)
class RephrasingOptions:
    """``url``: of the endpoint, such as https://models.bank.example/v1; ``seconds``: to wait."""

    url: str
    model: str
    key: str | None = field(default=None, repr=False)
    seconds: float = 20.0


class Rephraser:
    """Asks the endpoint; nothing is kept there or here."""

    def __init__(self, options: RephrasingOptions) -> None:
        self._options = options

    async def rephrase(self, text: str, language: Language) -> str:
        """The text in other words, unchecked.

        Raises:
            UnavailableError: the endpoint gave none.
        """
        options = self._options
        headers = {} if options.key is None else {"Authorization": f"Bearer {options.key}"}
        sent = {
            "model": options.model,
            "temperature": 0,
            "messages": [
                {"role": "system", "content": _ASKED[language]},
                {"role": "user", "content": text},
            ],
        }
        try:
            async with httpx.AsyncClient(timeout=options.seconds, headers=headers) as client:
                answer = await client.post(f"{options.url.rstrip('/')}/chat/completions", json=sent)
                answer.raise_for_status()
                return _content(answer.json())
        except (httpx.HTTPError, ValueError) as error:
            log.warning("no rephrasing of a draft", error=type(error).__name__)
            raise UnavailableError("The model for rephrasing gave no answer.") from error


def _content(answer: Any) -> str:
    """Raises ValueError: it is no completion of a chat."""
    try:
        text = answer["choices"][0]["message"]["content"]
    except (KeyError, IndexError, TypeError) as error:
        raise ValueError("no completion") from error
    if not isinstance(text, str) or not text.strip():
        raise ValueError("an empty completion")
    return text.strip()
