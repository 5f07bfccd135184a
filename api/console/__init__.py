"""The console: pages for people, each of which is one named GraphQL document."""
