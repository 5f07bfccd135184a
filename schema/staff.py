"""What people of the bank are called, beside what stands in events for them."""

from schema.request import Info

#: Of the fields that tell it.
NAME = "What the person was called at the last sign-in, also after leaving; null for who never did."


async def name_of(info: Info, actor: str | None) -> str | None:
    """The name behind what stands in events; None for nobody."""
    return await info.context.loaders.staff_name().load(actor)
