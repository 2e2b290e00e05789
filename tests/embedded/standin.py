"""`up` with small programs in the place of the shop's.

standin.py DATA_DIR PORT [embedded] [broken] [psp] [elasticsearch | opensearch]
"""

import os
import sys
from pathlib import Path

from shopwright.embedded.engines import LAUNCHERS
from shopwright.embedded.plan import Programs
from shopwright.embedded.supervisor import UpPlan, up

# At its end it writes down whether both servers still answered, and the secret that it was given.
WORKER = """
import os, pathlib, signal, sys, time
if sys.argv[2] == "embedded":
    import psycopg, redis

def leave(*_):
    if sys.argv[2] == "embedded":
        psycopg.connect(os.environ["DATABASE_URL"].replace("+psycopg", "")).close()
        redis.Redis.from_url(os.environ["REDIS_URL"]).ping()
    pathlib.Path(sys.argv[1], "worker-left").write_text(os.environ["SECRET_KEY"])
    pathlib.Path(sys.argv[1], "psp-told").write_text(" ".join(os.environ.get(n, "") for n in ("PSP_URL", "PSP_SECRET")))
    urls = [os.environ.get(n, "") for n in ("SEARCH", "ELASTICSEARCH_URL", "OPENSEARCH_URL")]
    pathlib.Path(sys.argv[1], "search-told").write_text("|".join(urls))
    sys.exit(0)

signal.signal(signal.SIGTERM, leave)
pid = pathlib.Path(sys.argv[1], "worker-pid")
pid.with_suffix(".new").write_text(str(os.getpid()))
pid.with_suffix(".new").rename(pid)
print("[ERROR] something to see", flush=True)
while True:
    time.sleep(0.05)
"""

data, port, *words = sys.argv[1:]
public = Path(data, "public")
public.mkdir(parents=True, exist_ok=True)
(public / "readyz").write_text("")
Path(data, "worker-pid").unlink(missing_ok=True)
missing = None if "embedded" in words else "nowhere"
kind = "own" if missing else "embedded"

programs = Programs(
    first={"migrate": [sys.executable, "-c", "raise SystemExit('no such table')" if "broken" in words else ""]},
    services={
        "web": [sys.executable, "-m", "http.server", "-b", "127.0.0.1", "-d", public, port],
        "worker": [sys.executable, "-c", WORKER, data, kind],
    },
)
plan = UpPlan(
    Path(data), dict(os.environ), database_url=missing, redis_url=missing, port=int(port), has_psp="psp" in words,
    search=next((word for word in words if word in LAUNCHERS), ""),
)  # fmt: skip
sys.exit(up(plan, lambda _plan, _port: programs))
