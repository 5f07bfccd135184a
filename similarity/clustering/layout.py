"""Places of texts on a map: alike ones lie side by side.

t-SNE (van der Maaten and Hinton, "Visualizing Data using t-SNE", JMLR 9, 2008), begun from the two
main directions, so that what lies far apart stays so as far as it can.
"""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from similarity.clustering.division import Group
from similarity.clustering.neighbourhood import centred
from similarity.encoding.forward import Vectors

#: Texts on a map: more than a picture shows, and few seconds of a processor.
MOST = 1_500
#: With fewer there is nothing to see.
FEWEST = 20
#: How many neighbours each text keeps near it.
_PERPLEXITY = 30.0
_SEED = 1


def layout(
    ids: Sequence[str],
    vectors: Vectors,
    centre: Vectors,
    groups: Sequence[Group],
    *,
    most: int = MOST,
) -> dict[str, tuple[float, float]]:
    """Places of up to ``most`` texts by id, each coordinate from -1 to 1; none for very few.

    ``vectors``: float32 of shape (n, dimension), in the order of ``ids``; ``centre``: the space's.
    Each group, and those without one, are drawn from by their size: a map of a part looks like the
    whole.
    """
    rows = _drawn(ids, groups, most)
    if len(rows) < FEWEST:
        return {}
    from sklearn.manifold import TSNE

    units = centred(vectors[rows], centre)
    # Texts that are all the same have no main directions.
    begin = "pca" if np.ptp(units, axis=0).any() else "random"
    perplexity = min(_PERPLEXITY, (len(rows) - 1) / 3)
    made = TSNE(perplexity=perplexity, init=begin, random_state=_SEED).fit_transform(units)
    places = made - (made.max(axis=0) + made.min(axis=0)) / 2
    places /= np.abs(places).max() or 1.0
    return {ids[row]: (float(x), float(y)) for row, (x, y) in zip(rows, places, strict=True)}


def _drawn(ids: Sequence[str], groups: Sequence[Group], most: int) -> NDArray[np.int64]:
    """Rows in even steps over all texts in the order of their groups."""
    group_of: Mapping[str, int] = {
        member: place for place, group in enumerate(groups) for member in group.members
    }
    order = sorted(range(len(ids)), key=lambda row: (group_of.get(ids[row], len(groups)), row))
    count = min(most, len(order))
    steps = np.linspace(0, len(order) - 1, count).round().astype(np.int64)
    return np.array(order, dtype=np.int64)[steps] if count else np.empty(0, dtype=np.int64)
