"""What the daemon of a stack is told about mail, and what its outbox and alerts tell."""

import json
import re

from stack.waiting import wait_until


class Post:
    """What the daemon of a stack is told about mail, and what its outbox and alerts tell."""

    def __init__(self, stack):
        self._stack = stack
        self._file = stack.folder.conf / "mogirid.toml"
        self._shipped = self._file.read_text(encoding="utf-8")

    def leave(self, name: str, text: str) -> str:
        """A file for the daemon; its path."""
        file = self._stack.folder.conf / name
        file.write_text(text, encoding="utf-8")
        file.chmod(0o644)  # in a folder that only the stack's account enters
        return str(file)

    def use_plugins(self, folder) -> None:
        self._shipped, changes = re.subn(r'(?m)^plugins = .*$', f'plugins = "{folder}"', self._shipped)
        assert changes == 1

    def settings(self, transport: str, fallback: str = "", others: dict | None = None, **given) -> None:
        """What [mail.<transport>] says, and other tables of [mail]; None leaves a key out."""
        mail = f'transport = "{transport}"' + (f'\nfallback = "{fallback}"' if fallback else "")
        text, changes = re.subn(r'(?m)^transport = "spool"', mail, self._shipped)
        assert changes == 1
        for name, values in {transport: given, **(others or {})}.items():
            lines = "".join(f"{key} = {json.dumps(value)}\n" for key, value in values.items() if value is not None)
            if name == "spool":
                continue
            text += f"\n[mail.{name}]\n{lines}"
        self.leave(self._file.name, text)

    def restart_mogirid(self) -> None:
        before = self._stack.process("mogirid")
        before.signal(15)
        wait_until("mogirid to be ready again", lambda: self._stack.process("mogirid") not in (None, before) and
                   self._stack.notified("mogirid")[0])

    def findings(self) -> list[dict]:
        """What the doctor says of the transports."""
        told = json.loads(self._stack.mogirictl("doctor", "--json", check=False).stdout)
        return [finding for finding in told["findings"] if finding["subject"] == "mail"]

    def doctor(self) -> dict:
        return self.findings()[0]

    def row(self, application: str) -> tuple[str, int, int, str, str]:
        """State, attempts, lost answers, last code and last text of its mail."""
        row, = self._stack.sql("SELECT state, attempts, unknowns, last_code, last_text FROM mail_outbox "
                               f"WHERE application = '{application}'")
        return row[0], int(row[1]), int(row[2]), row[3], row[4]

    def wait_for(self, application: str, state: str, attempts: int) -> tuple[str, str]:
        """Last code and last text, then."""
        def there():
            row = self.row(application)
            return row[:2] == (state, attempts) and row[3:]

        return wait_until(f"the mail to be {state} after {attempts} attempts", there)

    def transport(self, application: str) -> str:
        """By which its mail went last."""
        return self._stack.sql(f"SELECT transport FROM mail_outbox WHERE application = '{application}'")[0][0]

    def listed(self, application: str) -> dict:
        """Its mail, as `mogirictl mail list` has it."""
        told = self._stack.mogirictl("mail", "list", "--event", "musicfes", "--where", f"application={application}", "--json").stdout
        return json.loads(told)["items"][0]

    def provider_id(self, application: str) -> str:
        return self._stack.sql(f"SELECT provider_id FROM mail_outbox WHERE application = '{application}'")[0][0]

    def hasten(self, application: str) -> None:
        """What waits for its next attempt is due now."""
        self._stack.sql(f"UPDATE mail_outbox SET next_at = now() WHERE application = '{application}' AND next_at IS NOT NULL")

    def alert_text(self, subject: str) -> str:
        return self._stack.sql(f"SELECT text FROM alert WHERE kind = 'mail' AND subject = '{subject}' AND cleared_at IS NULL")[0][0]

    def alerts(self) -> list[str]:
        """Subjects of what a person must look at."""
        return [row[0] for row in self._stack.sql("SELECT subject FROM alert WHERE kind = 'mail' AND cleared_at IS NULL")]
