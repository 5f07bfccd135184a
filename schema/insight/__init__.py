"""The analyst's part of the API: types and queries over ``graph.insight``."""
