"""What a build folder holds that a stack runs, and what its sanitizers need."""

import re
import subprocess
from pathlib import Path

SOURCE = Path(__file__).resolve().parents[2]


SANITIZERS = {"ASAN_OPTIONS": "detect_leaks=0:abort_on_error=1", "UBSAN_OPTIONS": "halt_on_error=1:print_stacktrace=1"}


class Build:
    def __init__(self, folder: Path):
        self.folder = Path(folder).resolve()
        self.mogirid = self.folder / "daemon/mogirid"
        self.mogirictl = self.folder / "daemon/ctl/mogirictl"
        self.module = self.folder / "module/ngx_http_mogiri_module.so"
        self.plugins = self.folder / "daemon/plugins"
        self.libraries = self.folder / "libraries"  # by packaging/libraries/fetch; only browsers miss them
        self.nginx: Path | None = None  # where it is not the system's
        for path in (self.mogirid, self.mogirictl, self.module, self.plugins / "spool.so"):
            if not path.exists():
                raise RuntimeError(f"{path} is not there: build first, with `cmake --build {self.folder}`.")

    def sanitizer_environment(self) -> dict[str, str]:
        """For a server that loads our code: findings go to its log and end it."""
        cache = (self.folder / "CMakeCache.txt").read_text(encoding="utf-8")
        if "-fsanitize=" not in cache:
            return {}
        return SANITIZERS

    def nginx_environment(self) -> dict[str, str]:
        """Debian's nginx is built without sanitizers, so theirs must be there before our module is loaded."""
        if not self.sanitizer_environment():
            return {}
        return {**SANITIZERS, "LD_PRELOAD": self.sanitizer_libraries()}

    def sanitizer_libraries(self) -> str:
        needed = subprocess.run(["ldd", self.module], capture_output=True, text=True, check=True).stdout
        return " ".join(re.findall(r"=> (\S*lib[au]\w*san\S*)", needed))
