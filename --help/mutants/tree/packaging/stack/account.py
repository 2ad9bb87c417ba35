"""Who the servers run as: the caller, or an account without rights when root starts them."""

import os
import pwd
import subprocess
from pathlib import Path

UNPRIVILEGED = "nobody"


class Account:
    """Commands given to `command()` run as this account.

    Redis, PostgreSQL and nginx do not run as root. Yet root's folders may be closed to everybody (mode 0700), so as
    root the account keeps one capability that lets it pass through them: cap_dac_read_search, or cap_dac_override
    where that is all a container left to root.
    """

    def __init__(self, must_reach: list[Path]):
        self._prefix: list[str] = []
        self.uid, self.gid = os.getuid(), os.getgid()
        if self.uid != 0:
            return
        entry = pwd.getpwnam(UNPRIVILEGED)
        self.uid, self.gid = entry.pw_uid, entry.pw_gid
        for capability in ("dac_read_search", "dac_override", None):
            prefix = self._setpriv(capability)
            if all(self._reaches(prefix, path) for path in must_reach):
                self._prefix = prefix
                return
        paths = ", ".join(str(path) for path in must_reach)
        raise RuntimeError(f"The account {UNPRIVILEGED}, as which root starts the servers, cannot reach {paths}: "
                           f"this root lacks the capabilities dac_read_search and dac_override. "
                           f"Use a folder open to everybody (mode 0755), or start as an ordinary user.")

    def command(self, argv: list[str]) -> list[str]:
        return self._prefix + [str(word) for word in argv]

    def own(self, path: Path) -> None:
        if os.getuid() == 0:
            os.chown(path, self.uid, self.gid)

    def _setpriv(self, capability: str | None) -> list[str]:
        kept = "-all" + (f",+{capability}" if capability else "")
        prefix = ["/usr/bin/setpriv", f"--reuid={self.uid}", f"--regid={self.gid}", "--clear-groups", "--no-new-privs",
                  f"--inh-caps={kept}", f"--ambient-caps={kept}"]
        return prefix + ["--bounding-set=" + kept, "--"]

    @staticmethod
    def _reaches(prefix: list[str], path: Path) -> bool:
        # By doing it: access(2), which test(1) asks, leaves such capabilities out.
        attempt = 'cd "$1"' if path.is_dir() else 'exec <"$1"'
        return subprocess.run([*prefix, "/bin/sh", "-c", attempt, "sh", path], stdin=subprocess.DEVNULL,
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode == 0
