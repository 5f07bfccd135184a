"""Root-cause clusters: communities of the complaints' own nearest-neighbour graph.

Everything here is pure: vectors and texts in, clusters out. The same rows with the same start give
the same clusters, whatever their order.
"""

from similarity.clustering.division import Group, divide
from similarity.clustering.emerging import emerging
from similarity.clustering.fitting import described, named, texts_to_name

__all__ = ["Group", "described", "divide", "emerging", "named", "texts_to_name"]
