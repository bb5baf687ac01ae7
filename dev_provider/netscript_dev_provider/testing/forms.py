"""Forms of a page, found the way a browser finds them."""

from dataclasses import dataclass, field
from html.parser import HTMLParser

from typing_extensions import override

Attributes = list[tuple[str, str | None]]


@dataclass(slots=True)
class Form:
    """One form.

    Attributes:
        action: Where it goes.
        fields: Its hidden inputs, in order.
        buttons: Name and value of its named buttons.
    """

    action: str
    fields: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
    buttons: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])


class _FormParser(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []

    @override
    def handle_starttag(self, tag: str, attrs: Attributes) -> None:
        attributes = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append(Form(attributes.get("action", "")))
        if not self.forms or "name" not in attributes:
            return
        named = (attributes["name"], attributes.get("value", ""))
        if tag == "input":
            self.forms[-1].fields.append(named)
        if tag == "button":
            self.forms[-1].buttons.append(named)


def forms_of(html: str) -> list[Form]:
    """Return the forms of a page in order."""
    parser = _FormParser()
    parser.feed(html)
    parser.close()
    return parser.forms
