"""A seeded simulation of the whole shop: random shoppers, staff, webhooks, clock jumps and faults, against a model.

`make simulate` runs it; `docs/guides/simulation.md` says how to read what it prints.
"""
