"""Which Neo4j has written a data folder: an older one cannot read what a newer one wrote."""

from graph.embedded.layout import Layout
from graph.embedded.password import write_private
from graph.errors import EngineError


def check_version(layout: Layout, version: str) -> None:
    """Refuse the folder of a newer Neo4j than ``version``."""
    if not layout.version.exists():
        return
    written = layout.version.read_text("utf-8").strip()
    if _parts(written, layout) > _parts(version, layout):
        raise EngineError(
            f"The graph in {layout.data} was written by Neo4j {written}, which is newer than "
            f"the {version} of this release: upgrade complaint-graph, or choose another "
            "folder with COMPLAINT_GRAPH_HOME."
        )


def note_version(layout: Layout, version: str) -> None:
    """Remember which Neo4j has last run on this folder."""
    write_private(layout.version, version + "\n")


def _parts(version: str, layout: Layout) -> tuple[int, ...]:
    try:
        return tuple(int(part) for part in version.split("."))
    except ValueError as error:
        raise EngineError(
            f"{layout.version} holds no version of Neo4j: bring the file back from a backup."
        ) from error
