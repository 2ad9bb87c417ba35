"""Where the browser scripts run: beside the modules that package-lock.json names, out of the source tree."""

import shutil
import subprocess
from pathlib import Path

HERE = Path(__file__).resolve().parent


def furnish(build_dir: Path) -> Path:
    """The folder with the scripts and their modules; what the pages use of others is in the build folder, too."""
    folder = build_dir.resolve() / "tests/browser/laboratory"
    folder.mkdir(parents=True, exist_ok=True)
    lock, fresh = folder / "package-lock.json", (HERE / "package-lock.json").read_bytes()
    for file in [*HERE.glob("*.mjs"), HERE / "package.json"]:
        shutil.copy(file, folder)
    if not lock.exists() or lock.read_bytes() != fresh or not (folder / "node_modules").exists():
        lock.write_bytes(fresh)
        done = subprocess.run(["npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts"], cwd=folder, text=True,
                              capture_output=True, timeout=180)
        if done.returncode != 0:
            lock.unlink()
            raise RuntimeError(f"npm ci: {done.stdout}{done.stderr}")
    subprocess.run([HERE.parents[1] / "packaging/libraries/fetch", build_dir / "libraries"], check=True, timeout=180)
    return folder
