"""A payment provider for development: a process of its own, with an API, signed webhooks, and a scenario for each way
in which a provider misbehaves. It knows nothing of the shop but where to send its webhooks, and never runs in production.
"""
