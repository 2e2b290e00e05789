import subprocess
import sys

import msgspec

ASK = """
import json
from shopwright.worker import celery
consumed = sorted(celery.amqp.queues.consume_from)
sent_to = {}
for name, task in celery.tasks.items():
    if name.startswith("shopwright."):
        own = {"queue": task.queue} if getattr(task, "queue", None) else {}
        sent_to[name] = celery.amqp.router.route(own, name)["queue"].name
clock = [entry["task"] for entry in celery.conf.beat_schedule.values()]
print(json.dumps([consumed, sent_to, clock]))
"""


def test_a_worker_consumes_every_queue_that_a_task_is_sent_to_and_knows_every_task_of_the_clock() -> None:
    environ = {"DATABASE_URL": "postgresql://nobody/nothing", "PYTHONPATH": ":".join(sys.path)}
    asked = subprocess.run([sys.executable, "-c", ASK], env=environ, capture_output=True, text=True, check=True)
    consumed, sent_to, clock = msgspec.json.decode(asked.stdout)
    assert consumed == ["critical", "default", "search", "slow"]
    assert {name: queue for name, queue in sent_to.items() if queue not in consumed} == {}
    assert sent_to["shopwright.kit.outbox.relay"] == "critical"
    assert sent_to["shopwright.listeners.webhooks.tasks.deliver"] == "slow"
    assert sent_to["shopwright.listeners.search.tasks.index"] == "search"
    assert set(clock) <= set(sent_to)
