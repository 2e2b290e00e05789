"""Asking the tax service, between transactions, and believing only an answer that fits the question."""

from functools import cache

from shopwright.commerce.taxes import registry
from shopwright.commerce.taxes.errors import TaxServiceNotUnderstood, TaxServiceUnavailable
from shopwright.commerce.taxes.provider import SHIPPING, NoAnswer, NotUnderstood, Taxable, TaxAnswer
from shopwright.kit.breaker import Breaker
from shopwright.kit.bulkhead import Bulkhead
from shopwright.kit.logging import get
from shopwright.settings import current

THREADS_FOR_OTHERS = 2

log = get("taxes")


def ask(question: Taxable) -> TaxAnswer:
    """What the tax service says of this basket.

    Raises `TaxServiceUnavailable` when it does not answer, has not lately, or so many wait for it that no thread would
    be left for anything else; `TaxServiceNotUnderstood` when what it says does not fit.
    """
    url = current().tax_service_url
    with _bulkhead(url).entered() as is_within:
        # Asked last: an open breaker lets one through, who must then ask.
        if not is_within or not _breaker(url).allows():
            raise TaxServiceUnavailable()
        try:
            answer = registry.provider().taxes(question)
            if fault := _misfit(question, answer):
                raise NotUnderstood(fault)
        except NoAnswer as fault:
            _breaker(url).failed()
            log.warning("tax service did not answer", reason=fault.reason)
            is_nonsense = isinstance(fault, NotUnderstood)
            raise (TaxServiceNotUnderstood() if is_nonsense else TaxServiceUnavailable()) from fault
        _breaker(url).succeeded()
        return answer


def _misfit(question: Taxable, answer: TaxAnswer) -> str:
    """What is wrong with the answer, or nothing."""
    amounts = {line.id: line.amount for line in question.lines}
    if question.shipping:
        amounts[SHIPPING] = question.shipping.amount
    if answer.currency != question.currency:
        return "another currency"
    if sorted(part.id for part in answer.parts) != sorted(amounts):
        return "other parts than were asked for"
    if any(part.tax > amounts[part.id] for part in answer.parts):
        return "more tax than the amount"
    return ""


@cache
def _breaker(url: str) -> Breaker:
    """One for each address: it is the process's own setting."""
    return Breaker()


@cache
def _bulkhead(url: str) -> Bulkhead:
    return Bulkhead(most=max(1, current().web_threads - THREADS_FOR_OTHERS))
