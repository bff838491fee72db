"""What the page about the client shows can be run as far as Python reads it."""

import ast
import re
from pathlib import Path

import talking_client

PAGE = (Path(__file__).parents[3] / "docs" / "clients.md").read_text()
EXAMPLES = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)


def test_every_example_is_python_that_imports_what_there_is() -> None:
    assert len(EXAMPLES) == 3
    for example in EXAMPLES:
        for node in ast.walk(ast.parse(example)):
            if isinstance(node, ast.ImportFrom):
                module = __import__(node.module or "", fromlist=["*"])
                assert all(hasattr(module, alias.name) for alias in node.names)


def test_every_method_and_name_of_the_page_exists() -> None:
    table = re.findall(r"^\| `(\w+)` \| (.*) \|$", PAGE, re.MULTILINE)
    assert [name for name, _ in table] == ["calls", "texts", "emails", "webhooks"]
    with talking_client.Client("https://talking.example", "tk") as client:
        for name, methods in table:
            for method in re.findall(r"`(\w+)`", methods):
                assert callable(getattr(getattr(client, name), method))
    for name in re.findall(r"`(\w+Error)`", PAGE):
        assert issubclass(getattr(talking_client, name), talking_client.TalkingError)
