"""File systems of a test's own, in a mount namespace of its own: whatever becomes of the test, they go with its processes.

Mounting needs root, and loop devices or tmpfs; not every machine that runs the tests gives them (containers seldom do).
There, and only there, a test may end well without having shown anything. It says so: NOT SHOWN, and why.
"""

import ctypes
import os
import subprocess
from pathlib import Path

import pytest

from stack.waiting import wait_until

CLONE_NEWNS = 0x00020000


def not_shown(why: str):
    print(f"\nNOT SHOWN: {why}")
    pytest.skip(f"NOT SHOWN: {why}")  # tests/conftest.py lets these words pass


def own_namespace() -> None:
    """From here on mounts are seen by this process and its children alone. To be called before anything is started."""
    if os.getuid() != 0:
        not_shown("mounting needs root")
    if ctypes.CDLL(None, use_errno=True).unshare(CLONE_NEWNS) != 0:
        not_shown(f"no mount namespace of one's own: {os.strerror(ctypes.get_errno())}")
    _must("mount", "--make-rprivate", "/")


class Disk:
    """An ext4 of its own on a loop device, whose power can be cut."""

    def __init__(self, image: Path, place: Path, megabytes: int):
        self.image, self.place = image, place
        place.mkdir(parents=True, exist_ok=True)
        with open(image, "wb") as file:
            file.truncate(megabytes << 20)
        _must("mkfs.ext4", "-q", "-F", image)
        self.mount()

    def mount(self) -> None:
        _must("mount", "-o", "loop", self.image, self.place)

    def cut_power(self) -> None:
        """What was not synced is gone, and nothing is written any more. Who writes to it should stand still: a sync that
        is under way now may be called done and be lost all the same."""
        subprocess.run(["xfs_io", "-x", "-c", "shutdown", self.place], check=True)

    def unmount(self) -> None:
        _unmount(self.place)


class SmallDisk:
    """A tmpfs that can be filled to the last byte."""

    def __init__(self, place: Path, megabytes: int):
        self.place, self._ballast = place, place / "ballast"
        place.mkdir(parents=True, exist_ok=True)
        _must("mount", "-t", "tmpfs", "-o", f"size={megabytes}m,mode=0755", "tmpfs", place)

    def fill(self) -> None:
        with open(self._ballast, "ab", buffering=0) as file:
            try:
                while True:
                    file.write(bytes(1 << 16))
            except OSError:
                pass

    def empty(self) -> None:
        self._ballast.unlink()

    def unmount(self) -> None:
        _unmount(self.place)


def _unmount(place: Path) -> None:
    wait_until(f"{place} to be free", lambda: subprocess.run(["umount", place], capture_output=True).returncode == 0)


def _must(*words) -> None:
    done = subprocess.run([str(word) for word in words], capture_output=True, text=True)
    if done.returncode != 0:
        not_shown(f"{' '.join(str(word) for word in words)}: {done.stderr.strip()}")
