"""Amazon SES and Waypoint as small HTTP servers on loopback that check who asks, keep what they take, and answer as their test says."""

import base64
import hashlib
import hmac
import json
import re
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

from stack.mailbox import Mailbox

DROP, SILENCE = "drop", "silence"
REGION, KEY_ID, SECRET, TOKEN = "ap-northeast-1", "AKIDMOGIRIEXAMPLE", "wJalr+secret/EXAMPLEKEY", "session/token+of=AWS"
USER, PASSWORD = "waypoint_user", "waypoint pass:word"


def signature(secret: str, method: str, target: str, headers: dict[str, str], body: bytes, signed: str, moment: str, scope: str) -> str:
    """AWS's Signature Version 4, by its documentation."""
    parts = urlsplit(target)
    query = "&".join(sorted("=".join(quote(unquote(half), safe="-_.~") for half in (pair + "=").split("=")[:2])
                            for pair in parts.query.split("&") if pair))
    lines = "".join(f"{name}:{' '.join(headers[name].split())}\n" for name in signed.split(";"))
    canonical = "\n".join((method, quote(unquote(parts.path), safe="/-_.~"), query, lines, signed, hashlib.sha256(body).hexdigest()))
    text = "\n".join(("AWS4-HMAC-SHA256", moment, scope, hashlib.sha256(canonical.encode()).hexdigest()))
    key = ("AWS4" + secret).encode()
    for word in scope.split("/"):
        key = hmac.digest(key, word.encode(), "sha256")
    return hmac.new(key, text.encode(), "sha256").hexdigest()


class Service:
    """One answer may be set for all requests of a kind: (status, headers, body), DROP after all was read, or SILENCE until the end."""

    def __init__(self, folder: Path):
        folder.mkdir(exist_ok=True)
        self.folder, self.mailbox = folder, Mailbox(folder)
        self.requests: list[dict] = []   # the mails that were asked for, taken or not
        self.times: list[float] = []     # of those that were taken
        self.faults: list[str] = []      # what no client of ours should send
        self.connections = 0
        self._answers: dict[str, list] = {}
        self._over = threading.Event()
        self._lock = threading.Lock()
        service = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def setup(self):
                super().setup()
                with service._lock:
                    service.connections += 1

            def do_GET(self):  # noqa: N802: its name
                service._serve(self)

            do_POST = do_GET

            def log_message(self, *_):
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def stop(self) -> None:
        self._over.set()
        self._server.shutdown()
        self._server.server_close()

    @contextmanager
    def answering(self, kind: str, answer, times: int = 10**9):
        """`kind`: "GET" or "POST"; to the next `times` of them within the block."""
        self._answers[kind] = [answer, times]
        try:
            yield
        finally:
            self._answers.pop(kind, None)

    def _serve(self, request) -> None:
        body = request.rfile.read(int(request.headers["Content-Length"] or 0))
        headers = {name.lower(): value for name, value in request.headers.items()}
        refusal = self._refuse_stranger(request.command, request.path, headers, body)
        with self._lock:
            set_one = self._answers.get(request.command)
            answer = None
            if not refusal and set_one and set_one[1] > 0:
                set_one[1] -= 1
                answer = set_one[0]
            taken = refusal or answer or self._answer(request.command, request.path, json.loads(body or "{}"))
        if request.command == "POST" and not refusal:
            self.requests.append(json.loads(body))
        if answer == SILENCE:
            self._over.wait(60)
        if answer in (DROP, SILENCE):
            request.close_connection = True
            return
        status, more, text = taken
        data = json.dumps(text).encode()
        request.send_response(status)
        for name, value in {"Content-Type": "application/json", "Content-Length": str(len(data)), **more}.items():
            request.send_header(name, value)
        request.end_headers()
        request.wfile.write(data)

    def _keep(self, message: bytes) -> str:
        self.times.append(time.monotonic())
        number = f"{len(self.times):04}"
        (self.folder / f"{number}.eml").write_bytes(message)
        return number


class Ses(Service):
    """v2: SendEmail of raw mails, GetAccount."""

    def __init__(self, folder: Path, token: str = ""):
        super().__init__(folder)
        self._token = token
        self.quota = {"Max24HourSend": 50000.0, "MaxSendRate": 200.0, "SentLast24Hours": 0.0}

    @staticmethod
    def error(status: int, kind: str, message: str = ""):
        return status, {"x-amzn-ErrorType": f"{kind}:http://internal.amazon.com/coral/"}, {"message": message}

    def _refuse_stranger(self, method, path, headers, body):
        form = re.fullmatch(r"AWS4-HMAC-SHA256 Credential=(\w+)/(\d{8}/[\w-]+/ses/aws4_request), ?SignedHeaders=([\w;-]+), ?"
                            r"Signature=([0-9a-f]{64})", headers.get("authorization", ""))
        if not form:
            return self.error(403, "MissingAuthenticationTokenException", "Missing Authentication Token")
        key_id, scope, signed, given = form.groups()
        if key_id != KEY_ID:
            return self.error(403, "UnrecognizedClientException", "The security token included in the request is invalid.")
        if scope.split("/")[1] != REGION or not {"host", "x-amz-date"} <= set(signed.split(";")):
            return self.error(403, "InvalidSignatureException", "Credential should be scoped to a valid region.")
        if self._token and (headers.get("x-amz-security-token") != self._token or "x-amz-security-token" not in signed.split(";")):
            return self.error(403, "ExpiredTokenException", "The security token included in the request is expired")
        if signature(SECRET, method, path, headers, body, signed, headers["x-amz-date"], scope) != given:
            return self.error(403, "InvalidSignatureException", "The request signature we calculated does not match.")
        return None

    def _answer(self, method, path, asked):
        if (method, path) == ("GET", "/v2/email/account"):
            return 200, {}, {"SendQuota": self.quota, "SendingEnabled": True, "ProductionAccessEnabled": True}
        if (method, path) != ("POST", "/v2/email/outbound-emails"):
            return self.error(404, "NotFoundException")
        if self.quota["SentLast24Hours"] >= self.quota["Max24HourSend"]:
            self.faults.append("a mail beyond the quota of 24 hours")
            return self.error(400, "LimitExceededException")
        number = self._keep(base64.b64decode(asked["Content"]["Raw"]["Data"], validate=True))
        self.quota["SentLast24Hours"] += 1
        return 200, {}, {"MessageId": f"0106-{number}"}


class Waypoint(Service):
    """Its two forms: a template's variables, or subject and bodyHtml. It knows a metaId again."""

    def __init__(self, folder: Path):
        super().__init__(folder)
        self.messages: list[dict] = []
        self._ids: dict[str, str] = {}

    def _refuse_stranger(self, method, path, headers, body):
        if headers.get("authorization") == "Basic " + base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode():
            return None
        return 401, {}, {"error": {"message": "Unauthorized"}}

    def _answer(self, method, path, asked):
        if method == "GET" and path.startswith("/v1/email_messages/"):
            return 404, {}, {"error": {"message": "not found"}}
        if (method, path) != ("POST", "/v1/email_messages"):
            return 404, {}, {}
        forms = ({"templateId", "variables"}, {"subject", "bodyHtml"})
        if sum(form <= asked.keys() for form in forms) != 1 or not {"to", "from", "metaId"} <= asked.keys():
            self.faults.append(f"neither of the two forms: {sorted(asked)}")
            return 422, {}, {"error": {"message": "invalid"}}
        if asked["metaId"] not in self._ids:
            self.messages.append(asked)
            self._ids[asked["metaId"]] = f"em_{len(self.messages)}"
            self.times.append(time.monotonic())
        return 200, {}, {"data": {"id": self._ids[asked["metaId"]]}}
