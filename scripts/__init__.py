"""The command line `complaint-graph` and developers' tools; the top layer, may use everything."""
