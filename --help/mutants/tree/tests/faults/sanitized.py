"""A build whose nginx and module report misused memory: both with sanitizers, nginx's pools without reuse (nginx/build)."""

import subprocess
from pathlib import Path

from stack.build import SANITIZERS, Build

SCRIPT = Path(__file__).resolve().parent / "nginx/build"
NO_SOURCES = 3


class SanitizedBuild(Build):
    def __init__(self, folder: Path):
        super().__init__(folder)
        made = subprocess.run([SCRIPT, folder], capture_output=True, text=True)
        assert made.returncode in (0, NO_SOURCES), made.stdout[-4000:] + made.stderr[-4000:]
        self.module = self.folder / "sanitized/module/module/ngx_http_mogiri_module.so"
        if made.returncode == 0:
            self.nginx = self.folder / "sanitized/nginx"
        else:
            print("nginx's sources are not to be had here: only the module has sanitizers, under Debian's nginx")

    def nginx_environment(self) -> dict[str, str]:
        return SANITIZERS if self.nginx else {**SANITIZERS, "LD_PRELOAD": self.sanitizer_libraries()}
