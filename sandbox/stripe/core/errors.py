"""What the payment service says when it will not do something.

One exception for all; shapes and codes are those of Stripe's "Errors" and "Error codes" pages.
"""

from typing import Any

_DOCS = "https://docs.stripe.com/error-codes"


class StripeError(Exception):
    """A refusal. `keeps` says that what was done before it stands, as when a card is declined:
    the attempt is history. Everything else leaves no trace."""

    def __init__(
        self, status: int, message: str, *, code: str = "", param: str = "", **more: Any
    ) -> None:
        super().__init__(message)
        self.status = status
        self.keeps: bool = more.pop("keeps", False)
        self._body = {
            "type": more.pop("type", "invalid_request_error" if status < 500 else "api_error"),
            "message": message,
            **({"code": code, "doc_url": f"{_DOCS}#{code.replace('_', '-')}"} if code else {}),
            **({"param": param} if param else {}),
            **more,
        }

    @property
    def code(self) -> str:
        """Stripe's short code, or ""."""
        return str(self._body.get("code", ""))

    def body(self, request_id: str) -> dict[str, Any]:
        """The JSON document."""
        url = f"https://dashboard.stripe.com/test/logs/{request_id}"
        return {"error": {**self._body, "request_log_url": url}}


def missing(kind: str, given: str, param: str) -> StripeError:
    """A named object does not exist; 404 when the path names it."""
    name = kind.replace("_", " ").replace("checkout.session", "checkout session")
    return StripeError(
        404 if param == "id" else 400,
        f"No such {name}: '{given}'",
        code="resource_missing",
        param=param,
    )


def invalid(message: str, param: str = "", code: str = "") -> StripeError:
    """A request that makes no sense."""
    return StripeError(400, message, code=code, param=param)


def card_error(failure: dict[str, Any], *, keeps: bool) -> StripeError:
    """A payment that failed: 402 with the failure as the payment intent records it."""
    more = {key: value for key, value in failure.items() if key not in ("code", "doc_url")}
    message = more.pop("message")
    return StripeError(402, message, code=failure["code"], keeps=keeps, **more)
