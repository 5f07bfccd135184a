"""Webhooks: receivers elsewhere that are told what happens (docs/webhooks.md).

``messages`` makes what is sent, ``addresses`` says where it may be sent, ``delivery`` sends it in
the order in which it happened.
"""
