"""A second evaluator of promotions, slow and obvious, written from `docs/guides/pricing.md` alone.

It takes and gives plain builtins (what `msgspec.to_builtins` makes of rules, offers and judgements), and imports nothing
of the shop: where it and the shop's evaluator differ, one of them does not do what the guide says.
"""
