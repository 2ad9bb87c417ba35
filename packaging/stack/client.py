"""A small HTTP client: one kept connection, answers as they came, nothing followed and nothing raised for a status."""

import http.client
import json
import select
from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit


@dataclass
class Answer:
    status: int
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode("utf-8")

    @property
    def json(self):
        return json.loads(self.body)


class Client:
    """One per thread. `key` is a device key."""

    def __init__(self, base_url: str, key: str | None = None, timeout: float = 30):
        self.base_url = base_url
        url = urlsplit(base_url)
        self._connection = http.client.HTTPConnection(url.hostname, url.port, timeout=timeout)
        self.key = key

    def request(self, method: str, path: str, body: bytes | str | None = None, headers: dict | None = None) -> Answer:
        """Raises OSError or http.client.HTTPException when no whole answer came."""
        sent = {"Accept": "application/json", **(headers or {})}
        if self.key is not None:
            sent.setdefault("Authorization", f"Bearer {self.key}")
        self._leave_what_ended()
        try:
            self._connection.request(method, path, body.encode() if isinstance(body, str) else body, sent)
            answer = self._connection.getresponse()
            return Answer(answer.status, answer.headers, answer.read())
        except BaseException:
            self._connection.close()
            raise

    def get(self, path: str, **headers: str) -> Answer:
        return self.request("GET", path, headers=_names(headers))

    def post_json(self, path: str, value, **headers: str) -> Answer:
        return self.request("POST", path, json.dumps(value, ensure_ascii=False).encode(),
                            {"Content-Type": "application/json", **_names(headers)})

    def post_form(self, path: str, fields: dict[str, str], **headers: str) -> Answer:
        return self.request("POST", path, urlencode(fields),
                            {"Content-Type": "application/x-www-form-urlencoded", "Accept": "text/html", **_names(headers)})

    def apply(self, fields: dict, key: str, **headers: str) -> Answer:
        return self.post_json("/api/v1/apply", fields, Idempotency_Key=key, **headers)

    def scan(self, code: str, nonce: str, direction: str = "entry", **headers: str) -> Answer:
        return self.post_json("/api/v1/checkin", {"code": code, "direction": direction, "nonce": nonce}, **headers)

    def close(self) -> None:
        self._connection.close()

    def _leave_what_ended(self) -> None:
        """Between two requests there is nothing to read but the end: the server kept the connection no longer."""
        if self._connection.sock is not None and select.select([self._connection.sock], [], [], 0)[0]:
            self._connection.close()


def _names(headers: dict[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): value for name, value in headers.items()}
