"""The searches that can be judged, by the names that they go by. Whoever builds one puts it in here."""

from collections.abc import Callable, Mapping

from shopwright.listeners.search.golden import shop
from shopwright.listeners.search.golden.evaluation import Search
from shopwright.listeners.search.golden.floors import Texts, at_random, naive_bm25

#: The one that needs a shop, with the golden catalog loaded and indexed.
SHOP = "shop"
#: Makes a search ready over these products; one that reads them from the shop needs but their keys, which are products' ids.
Made = Callable[[Texts], Search]

#: What stands beside each number.
FLOORS: Mapping[str, Made] = {
    "random": lambda texts: at_random(sorted({key for of_locale in texts.values() for key in of_locale})),
    "naive-bm25": naive_bm25,
}
SEARCHES: Mapping[str, Made] = {**FLOORS, SHOP: lambda _: shop.search()}
