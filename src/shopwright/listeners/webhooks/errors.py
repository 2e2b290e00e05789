from shopwright.kit.errors import Problem


class UnknownWebhookEndpoint(Problem):
    status = 404
    detail = "There is no such webhook endpoint. `GET /v1/admin/webhook-endpoints` lists them."


class UnknownWebhookDelivery(Problem):
    status = 404
    detail = "There is no such delivery. `GET /v1/admin/webhook-deliveries` lists them; old ones are deleted."


class WebhookAddressRefused(Problem):
    status = 422
    detail = "This address cannot be called. Name a public https:// address on port 443 or 8443."


class UnknownEventType(Problem):
    status = 422
    detail = "There is no such type of event. `GET /v1/admin/events/types` lists them."


class TooManyWebhookEndpoints(Problem):
    status = 409
    detail = "There are as many webhook endpoints as can be. Delete one first."


class WebhookEndpointDisabled(Problem):
    status = 409
    detail = "This webhook endpoint is disabled, so nothing would be sent. Enable it first."


class ReplayFromNowhere(Problem):
    status = 422
    detail = "Say from where on: `after` a position of the feed, or `since` a time."
