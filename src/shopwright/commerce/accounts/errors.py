from shopwright.kit.errors import Problem, Unauthenticated


class UnknownCustomer(Problem):
    status = 404
    detail = "There is no such customer."


class UnknownAddress(Problem):
    status = 404
    detail = "There is no such address. `GET /v1/me/addresses` lists yours."


class UnknownStaffMember(Problem):
    status = 404
    detail = "There is no such member of staff."


class UnknownRole(Problem):
    status = 404
    detail = "There is no such role. `GET /v1/admin/roles` lists them."


class UnknownGroup(Problem):
    status = 404
    detail = "There is no such group of customers. `GET /v1/admin/customer-groups` lists them."


class GroupNameTaken(Problem):
    status = 409
    detail = "Another group of customers has this name."


class GroupInUse(Problem):
    status = 409
    detail = "Prices are kept for this group. Delete its price lists first."


class EmailTaken(Problem):
    status = 409
    detail = "An account with this e-mail address exists already. Sign in, or use another address."


class WrongCredentials(Unauthenticated):
    detail = "E-mail address and password do not belong together."


class RefreshTokenNotValid(Unauthenticated):
    detail = "This refresh token does not hold, or not any more. Sign in again."


class RefreshTokenReused(Unauthenticated):
    """Somebody else has a copy of the token, so all that followed from that sign-in ends with it."""

    keeps_changes = True
    detail = "This refresh token was used before, so its sign-in has ended. Sign in again."


class RefreshTokenUsed(Problem):
    status = 409
    detail = "This refresh token was used a moment ago. Go on with the tokens that were answered then."


class PasswordNotAcceptable(Problem):
    status = 422
    detail = "Choose another password; `errors` says why."

    def __init__(self, why: str, pointer: str = "/password") -> None:
        super().__init__(errors=[{"pointer": pointer, "detail": why}])


class AddressNotValid(Problem):
    status = 422
    detail = "The address is not as its country writes addresses; `errors` names each field."


class TooManyAddresses(Problem):
    status = 409
    detail = "No more addresses can be kept. Delete one that you do not need any more."


class RoleNameTaken(Problem):
    status = 409
    detail = "Another role has this name."


class RoleInUse(Problem):
    status = 409
    detail = "Members of staff hold this role. Take it from them first."


class PermissionNotHeld(Problem):
    status = 403
    detail = "You can neither grant nor change what goes beyond your own permissions; see `permissions`."


class NobodyInCharge(Problem):
    status = 409
    detail = "Nobody would be left who may manage staff. Give somebody else `staff:write` first."


class AdminExists(Problem):
    status = 409
    detail = "There are members of staff already. Let one of them add others."
