"""What people write, as it may be stored or searched for."""

import asyncio

from graph.domain.case import LONGEST_TEXT
from graph.errors import InvalidInputError
from schema.request import Info


async def masked(info: Info, text: str) -> str:
    return await asyncio.to_thread(info.context.uses.pipeline.mask_query, text)


async def masked_label(info: Info, text: str) -> str:
    """The name of somebody on the staff."""
    return await asyncio.to_thread(info.context.uses.pipeline.mask_label, text)


async def masked_query(info: Info, text: str) -> str:
    """Raises InvalidInputError: it is longer than any complaint."""
    if len(text) > LONGEST_TEXT:
        raise InvalidInputError(
            f"The text has {len(text):,} characters; at most {LONGEST_TEXT:,} are taken.",
            path=["text"],
        )
    return await masked(info, text)
