"""Form-encoded parameters with nested keys (`items[0][price]=...`), read one by one.

What nobody has read in the end is refused as unknown, so a misspelt or unsupported parameter never
passes silently. Knows no resources.
"""

import re
from collections.abc import Iterable

from sandbox.stripe.core.errors import StripeError, invalid

Tree = dict[str, "str | Tree"]

_KEYS = re.compile(r"\[([^\]]*)\]")


def parse_form(pairs: Iterable[tuple[str, str]]) -> Tree:
    """Nested parameters; list members get the keys "0", "1", ... Raises StripeError when one key
    is both a value and a parent."""
    tree: Tree = {}
    for name, value in pairs:
        head, bracket, _ = name.partition("[")
        path = [head, *_KEYS.findall(name[len(head) :])] if bracket else [head]
        node = tree
        for key in path[:-1]:
            below = node.setdefault(key or str(len(node)), {})
            if isinstance(below, str):
                raise invalid(f"Invalid hash: {name}", name)
            node = below
        node[path[-1] or str(len(node))] = value
    return tree


class Params:
    """One level of parameters; remembers what was read."""

    def __init__(self, tree: Tree, path: str = "") -> None:
        self._tree = tree
        self._path = path
        self._read: set[str] = set()
        self._below: list[Params] = []

    def __contains__(self, name: str) -> bool:
        return name in self._tree

    @property
    def tree(self) -> Tree:
        """Everything as it came."""
        return self._tree

    def path(self, name: str) -> str:
        """The full name of a parameter, as errors name it."""
        return f"{self._path}[{name}]" if self._path else name

    def text(self, name: str, default: str = "") -> str:
        """A string; "" is also what an explicit unsetting reads as."""
        self._read.add(name)
        value = self._tree.get(name, default)
        if not isinstance(value, str):
            raise invalid("Invalid string", self.path(name))
        return value

    def need(self, name: str) -> str:
        """A string that must be there."""
        value = self.text(name)
        if not value:
            path = self.path(name)
            raise invalid(f"Missing required param: {path}.", path, "parameter_missing")
        return value

    def text_or(self, name: str, current: str | None) -> str | None:
        """A string, None when it is unset, or the current one when it is not named."""
        return (self.text(name) or None) if name in self._tree else current

    def choice(self, name: str, default: str, *others: str) -> str:
        """One of a few words."""
        value = self.text(name, default)
        if value not in (default, *others):
            names = " or ".join(word for word in (default, *others) if word)
            raise invalid(f"Invalid {self.path(name)}: must be one of {names}", self.path(name))
        return value

    def integer(self, name: str) -> int | None:
        """A whole number, or None."""
        value = self.text(name)
        if not value:
            return None
        try:
            return int(value)
        except ValueError:
            path = self.path(name)
            raise invalid(f"Invalid integer: {value}", path, "parameter_invalid_integer") from None

    def flag(self, name: str) -> bool | None:
        """true, false, or None."""
        value = self.text(name)
        if value not in ("", "true", "false"):
            raise invalid(f"Invalid boolean: {value}", self.path(name))
        return value == "true" if value else None

    def below(self, name: str) -> "Params | None":
        """Parameters nested under a name."""
        self._read.add(name)
        value = self._tree.get(name)
        if value is None or value == "":
            return None
        if isinstance(value, str):
            raise invalid("Invalid object", self.path(name))
        params = Params(value, self.path(name))
        self._below.append(params)
        return params

    def each(self, name: str) -> list["Params"]:
        """A list of nested parameters."""
        params = self.below(name)
        return (
            [] if params is None else [below for key in params.tree if (below := params.below(key))]
        )

    def texts(self, name: str) -> list[str]:
        """A list of strings."""
        params = self.below(name)
        return [] if params is None else [params.text(key) for key in params.tree]

    def metadata(self, current: dict[str, str] | None = None) -> dict[str, str]:
        """Metadata merged into what is there: an empty value drops a key, an empty whole all."""
        if self._tree.get("metadata") == "":
            self._read.add("metadata")
            return {}
        params = self.below("metadata")
        given = {} if params is None else {key: params.text(key) for key in params.tree}
        return {key: value for key, value in {**(current or {}), **given}.items() if value}

    def ignore(self, *names: str) -> None:
        """Accept parameters that change nothing here, with all below them."""
        self._read.update(names)

    def check_all_read(self) -> None:
        """Raises StripeError parameter_unknown for what nobody has read."""
        for name in self._tree:
            if name not in self._read:
                path = self.path(name)
                raise StripeError(
                    400, f"Received unknown parameter: {path}", code="parameter_unknown", param=path
                )
        for params in self._below:
            params.check_all_read()
