"""What the service says no with: its `error` event. Pure."""


class RefusedError(Exception):
    """An `error` event; the session lives on."""

    def __init__(self, code: str, message: str, param: str | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.param = param

    def body(self, event_id: str | None) -> dict[str, str | None]:
        """The event's `error`; `event_id` is that of the client's event, if it had one."""
        return {
            "type": "invalid_request_error", "code": self.code, "message": str(self),
            "param": self.param, "event_id": event_id,
        }  # fmt: skip
