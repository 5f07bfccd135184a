"""From the outside world into the graph: sources, masking, classification, the pipeline.

Uses ``similarity`` (encoding and linking) and ``graph``; knows nothing of GraphQL or HTTP.
"""
