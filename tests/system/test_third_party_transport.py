"""A mail transport that is not ours: built out of tree against what `cmake --install` puts down, and one of another ABI refused."""

import mailbox as mbox
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from festival import decided, everybody, new_key, student
from outbox import Post

EXAMPLE = Path(__file__).parents[1] / "third_party_transport"
people = everybody()


@pytest.fixture(scope="module")
def prefix(work_dir, build_dir) -> Path:
    """An installation of the header, and nothing else of ours."""
    prefix = work_dir / "installed"
    subprocess.run(["cmake", "--install", build_dir, "--component", "transport", "--prefix", prefix], check=True,
                   stdout=subprocess.DEVNULL)
    return prefix


def make(prefix: Path, folder: Path, *flags: str) -> Path:
    shutil.copytree(EXAMPLE, folder)
    environment = {**os.environ, "PKG_CONFIG_PATH": str(prefix / "share/pkgconfig")}
    subprocess.run(["make", "-s", "-C", folder, *flags], check=True, env=environment)
    return folder / "letterbox.so"


@pytest.fixture(scope="module")
def plugins(prefix, work_dir, build) -> Path:
    """Our transports and the stranger's, in one folder."""
    folder = work_dir / "plugins"
    shutil.copytree(build.plugins, folder, ignore=lambda _, names: [name for name in names if not name.endswith(".so")])
    shutil.copy(make(prefix, work_dir / "example"), folder)
    header = prefix / "include/mogiri/transport.h"
    older = work_dir / "older"
    shutil.copytree(prefix, older)
    text, changes = re.subn(r"(?m)^(#define MOGIRI_TRANSPORT_ABI) \d+u$", r"\1 1u", header.read_text())
    assert changes == 1
    (older / "include/mogiri/transport.h").write_text(text)
    shutil.copy(make(older, work_dir / "old example"), folder / "outdated.so")
    for path in (folder, *folder.iterdir()):
        path.chmod(0o755)
    return folder


@pytest.fixture(scope="module")
def post(stack, plugins):
    post = Post(stack)
    post.use_plugins(plugins)
    return post


def test_it_delivers(post, client, stack):
    box = stack.folder.conf / "letterbox"
    box.touch()
    box.chmod(0o666)
    post.settings("letterbox", file=str(box))
    assert post.doctor()["says"] == f"letterbox: {box}: takes mails"
    post.restart_mogirid()
    fields = student(*next(people))
    answer = client.apply(fields, new_key())
    decided(client, answer)
    post.wait_for(answer.json["application"], "sent", 1)
    assert post.transport(answer.json["application"]) == "letterbox"
    mail, = mbox.mbox(box)
    assert fields["email"] in mail["To"] and any(part.get_content_type() == "image/png" for part in mail.walk())


def test_its_own_errors_are_told(post):
    post.settings("letterbox", file="nowhere")
    assert '[mail.letterbox]: file = "nowhere": must be the absolute path' in post.doctor()["says"]


def test_another_abi_is_refused_by_name(post):
    post.settings("outdated")
    found = post.doctor()
    assert found["verdict"] == "wrong" and "outdated.so" in found["says"], found
    assert 'the transport "outdated" is made for ABI 1, this mogirid for ABI' in found["says"], found
