from shopwright.kit.errors import Problem


class UnknownGiftCard(Problem):
    status = 404
    detail = "There is no such gift card. Check its code; it has neither 0, 1 nor the letters that look like them."


class CreditExpired(Problem):
    status = 409
    detail = "This gift card or credit has expired; `expired_at` says when."


class CreditUsedUp(Problem):
    status = 409
    detail = "Nothing is left of this gift card or credit. Pay otherwise."


class CreditInForeignCurrency(Problem):
    status = 409
    detail = "This gift card or credit is in another currency; `currency` says which. Pay otherwise."


class CreditTooLow(Problem):
    status = 409
    detail = "That is more than there is; `left` says how much is, in minor units."


class GiftCardShown(Problem):
    status = 409
    detail = (
        "The code of this gift card was shown already, and is kept nowhere. If it is lost, ask the shop to renew the card:"
        " then the old code is void, and you can ask for a new one here."
    )
