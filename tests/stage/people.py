"""People who log in, for tests: a client with a session's cookie, as a browser of our own pages would send it."""

import json
from http.cookies import SimpleCookie

from festival import new_key
from stack.client import Answer, Client
from stack.waiting import wait_until

COOKIE = "__Host-mogiri"


class Member:
    """One browser. `cookie` is the session's token; none before the login."""

    def __init__(self, base_url: str):
        self.client = Client(base_url)
        self.cookie: str | None = None
        self.own = {"Sec-Fetch-Site": "same-origin"}

    def ask(self, method: str, path: str, value=None, **headers: str) -> Answer:
        sent = {**self.own, **{name.replace("_", "-"): text for name, text in headers.items()}}
        if self.cookie is not None:
            sent["Cookie"] = f"other=1; {COOKIE}={self.cookie}"
        if method in ("POST", "PATCH", "PUT"):
            sent.setdefault("Idempotency-Key", new_key())
        body = None
        if value is not None:
            sent.setdefault("Content-Type", "application/json")
            body = value if isinstance(value, (str, bytes)) else json.dumps(value)
        answer = self.client.request(method, path, body, sent)
        for line in answer.headers.get_all("Set-Cookie", []):
            assert all(part in line for part in ("Path=/", "Secure", "HttpOnly", "SameSite=Lax")), line
            self.cookie = SimpleCookie(line.replace(COOKIE, "c"))["c"].value or None
        return answer

    def try_login(self, login: str, password: str, **headers: str) -> Answer:
        return self.ask("POST", "/api/v1/login", {"login": login, "password": password}, **headers)

    def log_in(self, login: str, password: str, **headers: str) -> Answer:
        """Passwords are looked at when nobody else wants the processor: where many do, that takes more than one try."""
        def answered():
            answer = self.try_login(login, password, **headers)
            return answer.status not in (503, 504) and answer
        return wait_until("the login to be looked at", answered, 60)

    def close(self) -> None:
        self.client.close()
