"""How a run's tests are shared out among its workers."""

from xdist.scheduler import LoadScopeScheduling

from tests.engines import NAMES

#: What speaks with Elasticsearch and does not say so in its name.
OF_ELASTICSEARCH = ("races/test_reindexing.py", "golden/test_gate.py")
#: Files whose tests look at one thing that takes seconds to make.
TOGETHER = ("pricing_oracle/test_properties.py", "golden/test_loader.py")


class OneEngineEach(LoadScopeScheduling):
    """Test by test, but all that speak with one search engine go to one worker: it takes a while to start, and much memory.
    So do those that share one large catalog, or another thing that is dear to make.

    Asked for by `--dist loadgroup`, whose own way, by marks, does nothing with pytest 9: names of tests cannot be changed any more.
    """

    def _split_scope(self, nodeid: str) -> str:
        file, _, name = nodeid.partition("::")
        if file.endswith(OF_ELASTICSEARCH):
            return "elasticsearch"
        if "/scale/" in file:
            return "scale"
        if file.endswith(TOGETHER):
            return file
        of_engine = (engine for engine in NAMES if "/contract/" in file and engine in name.partition("[")[2])
        return next(of_engine, nodeid)
