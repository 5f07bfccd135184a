"""The service: application, composition root, settings, identity, health, protocol rules.

Uses everything below it; only ``scripts`` uses it.
"""
