"""Addresses that are matched, never built. Knows nothing of whose they are."""

from collections.abc import Callable

from quart.routing import QuartRule


class MatchedRule(QuartRule):
    """A rule whose address is never built (`url_for`). The library would compile two functions
    for that from source, for each rule: most of the time it takes to put the app together."""

    def _compile_builder(
        self,
        append_unknown: bool = True,  # noqa: ARG002 - the library's
    ) -> Callable[..., tuple[str, str]]:
        def build(*_: object, **__: object) -> tuple[str, str]:
            raise NotImplementedError(f"the address of {self.rule} is not built")

        return build
