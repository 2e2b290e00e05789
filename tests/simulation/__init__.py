"""A seeded simulation of the whole shop: random shoppers, staff, webhooks, clock jumps and faults, against a model.

`make simulate` runs it; `docs/simulation.md` says what it does and what it has found.
"""
