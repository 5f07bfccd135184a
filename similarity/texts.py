"""Why nothing alike is found: an empty answer alone does not tell."""

from graph.database import Database
from graph.errors import NoTextError, NotYetError
from graph.queries.clusters import fit_state
from graph.queries.conditions import CompiledFilter
from graph.queries.samples import texts_left


async def check_texts(database: Database, narrowed: CompiledFilter, *, besides: int = 0) -> None:
    """Refuse to say that nothing is alike where nothing could be compared.

    ``besides``: so many texts do not count, such as that of the complaint that was asked about.

    Raises:
        NoTextError: the filter leaves complaints, and none of them has a text.
    """
    left = await texts_left(database, narrowed, besides + 1)
    if left.complaints and left.texts <= besides:
        other = " other" if besides else ""
        raise NoTextError(
            f"No{other} complaint that is looked at has a text, so nothing can be compared: texts "
            "come with the narratives of a source or of a registration."
        )


async def check_fitted(database: Database, narrowed: CompiledFilter) -> None:
    """Say why there is no cluster; nothing where a fit has just put none of these into one.

    Raises:
        NoTextError: the filter leaves complaints, and none of them has a text.
        NotYetError: no fit has been made yet.
    """
    await check_texts(database, narrowed)
    if await fit_state(database) is None and (await texts_left(database, narrowed, 1)).texts:
        raise NotYetError(
            "Clusters have not been made yet: the service makes them by itself when enough "
            "complaints have a text, `complaint-graph cluster` does at once."
        )
