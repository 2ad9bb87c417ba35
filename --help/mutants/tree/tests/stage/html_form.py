"""A page's form as a browser without JavaScript sees it: what it would send, and where."""

from html.parser import HTMLParser


class HtmlForm(HTMLParser):
    """The page's (only) form: `action`, `method`, `fields` with their present values, `buttons` by (name, value)."""

    def __init__(self, page: str):
        super().__init__()
        self.action, self.method = "", "get"
        self.fields: dict[str, str] = {}
        self.names: set[str] = set()
        self.scripts = 0
        self.links: list[str] = []
        self._select = ""
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        given = {name: value or "" for name, value in attributes}
        if tag == "form":
            self.action, self.method = given.get("action", ""), given.get("method", "get").lower()
        elif tag == "script":
            self.scripts += 1
        elif tag == "a":
            self.links.append(given.get("href", ""))
        elif tag == "input" and "name" in given:
            self.names.add(given["name"])
            if given.get("type") not in ("radio", "checkbox") or "checked" in given:
                self.fields[given["name"]] = given.get("value", "")
        elif tag == "select":
            self._select = given.get("name", "")
            self.names.add(self._select)
            self.fields.setdefault(self._select, "")
        elif tag == "option" and "selected" in given:
            self.fields[self._select] = given.get("value", "")
