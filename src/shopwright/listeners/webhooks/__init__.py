"""Webhooks: the shop tells a merchant's systems what happened, by the rules of Standard Webhooks 1.0.0.

`fanout` turns the feed into deliveries, `work` posts them, `attempts` settles what came of it. Deleting this folder and its
lines in `app.py` and `worker.py` removes all of it.
"""
