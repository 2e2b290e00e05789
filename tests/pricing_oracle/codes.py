"""The codes that were entered, and what is spent of them."""

from tests.pricing_oracle.state import Plain


def entered(offer: Plain) -> list[Plain]:
    """Each once, as it was first written."""
    seen: dict[str, Plain] = {}
    for code in offer["codes"]:
        seen.setdefault(normal(code["text"]), code)
    return list(seen.values())


def normal(text: str) -> str:
    return text.strip().upper()


def good_code(rule: Plain, offer: Plain) -> str | None:
    """The first entered code of the rule that is not spent."""
    for code in entered(offer):
        if code["promotion_id"] == rule["id"] and spent_limit_of(code, offer) is None:
            return code["text"]
    return None


def spent_limit_of(code: Plain, offer: Plain) -> str | None:
    """The limit that this one code has reached."""
    for spent in offer["spent"]:
        is_its = spent["promotion_id"] == code["promotion_id"] and spent["code"] is not None
        if is_its and normal(spent["code"]) == normal(code["text"]):
            return spent["limit"]
    return None


def spent_limit(rule: Plain, offer: Plain) -> str | None:
    """The limit that the whole rule has reached; a budget is asked of once its discount is known."""
    for spent in offer["spent"]:
        if spent["promotion_id"] == rule["id"] and spent["code"] is None and spent["limit"] != "budget":
            return spent["limit"]
    return None


def budget_left(rule: Plain, offer: Plain) -> int | None:
    for spent in offer["spent"]:
        if spent["promotion_id"] == rule["id"] and spent["code"] is None and spent["limit"] == "budget":
            return spent["left"] or 0
    return None
