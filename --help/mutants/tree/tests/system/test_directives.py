"""Each directive of the module, wrong, doubled, with too few and too many arguments: `nginx -t` says directive, value and remedy."""

import re
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest

from stack.build import SOURCE, Build

KEYS = "1 " + "0f" * 32 + "\n"
# What is right, by directive; and by what else is wrong, with words of the remedy.
HTTP = {
    "mogiri_redis": ("unix:/run/mogiri/redis.sock", [("redis.example.jp:6379", "give unix:/path/redis.sock or a numeric address"),
                                                     ("127.0.0.1:99999", "give unix:"), ('""', "give unix:"), ("unix:", "give unix:")]),
    "mogiri_redis_auth": ("nginx password", [("nginx nosuch", "no password can be read"), ("nginx empty", "no password can be read"),
                                             ("nginx folder", "no password can be read"), ('"" password', "name Redis's user")]),
    "mogiri_keys": ("keys", [("nosuch", "mogirictl keys create"), ("empty", "mogirictl keys create"), ("folder", "mogirictl keys create"),
                             ("password", "a line is"), ("three", "there must be one, or two")]),
    "mogiri_templates": (str(SOURCE / "templates"), [("nosuch", "give the directory"), ("folder", "give the directory"), ("keys", "give the directory")]),
    "mogiri_zone": ("1m", [("64k", "256k or more"), ("-1", "256k or more"), ("big", "256k or more"), ('""', "256k or more"), ("0", "256k or more"),
                           ("99999999999999g", "256k or more")]),
}
ANYWHERE = {
    "mogiri_old_paths": ("off", [("yes", "say on or off"), ("On", "say on or off"), ('""', "say on or off"), ("1", "say on or off")]),
    "mogiri_wait": ("2s", [("soon", "give a time such as 2s"), ("-1", "give a time"), ('""', "give a time"), ("2 s", None), ("1x", "give a time")]),
    "mogiri_oldest": ("scans 60s", [("doors 60s", "name one of applications, calls"), ("scans soon", "give a time"), ("scans 0", "or off"),
                                    ('scans ""', "give a time"), ('"" 60s', "name one of")]),
    "mogiri_high_water": ("100000", [("many", "give a number of jobs"), ("-5", "give a number"), ('""', "give a number"), ("1k", "give a number"),
                                     ("99999999999999999999", "give a number")]),
}
LOCATION = {"mogiri": ("", []), "mogiri_metrics": ("", []), "mogiri_problem": ("", [])}
ALL = {**HTTP, **ANYWHERE, **LOCATION}
NEEDED = ("mogiri_redis", "mogiri_keys", "mogiri_templates")
WRONG = [(name, value, remedy) for name, (_, wrong) in ALL.items() for value, remedy in wrong if remedy is not None]


@pytest.fixture(scope="module")
def folder():
    path = Path(tempfile.mkdtemp(prefix="mogiri-directives-"))
    for name, text in {"keys": KEYS, "password": "a word\n", "empty": "", "three": "".join(KEYS.replace("1", str(i), 1) for i in (1, 2, 3))}.items():
        (path / name).write_text(text, encoding="utf-8")
    (path / "folder").mkdir()
    yield path
    shutil.rmtree(path)


@pytest.fixture
def nginx_t(build_dir, folder):
    """What `nginx -t` says to these lines at http level and in a location."""
    build = Build(build_dir)

    def run(http: list[str], location: list[str] = ()) -> tuple[int, str]:
        text = (f'load_module "{build.module}";\nevents {{}}\nhttp {{\naccess_log off;\n' + "\n".join(http) +
                '\nserver {\nlisten 127.0.0.1:1;\nlocation / {\n' + "\n".join(location) + "\n}\n}\n}\n")
        (folder / "nginx.conf").write_text(text, encoding="utf-8")
        nginx = build.nginx or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin")
        done = subprocess.run([nginx, "-t", "-q", "-c", folder / "nginx.conf", "-p", folder, "-e", "stderr", "-g", f"pid {folder}/pid;"],
                              text=True, capture_output=True, timeout=60, env=build.nginx_environment())
        return done.returncode, done.stderr
    return run


def placed(name: str, *arguments: str, whole: bool = False) -> dict:
    """This directive, as often as there are arguments, where it belongs; where it is to be refused, that is enough."""
    http = [f"{needed} {HTTP[needed][0]};" for needed in NEEDED if whole and needed != name]
    lines = [f"{name} {value};".replace(" ;", ";") for value in arguments]
    if name in HTTP:
        return {"http": http + lines, "location": ["mogiri;"]}
    return {"http": http, "location": lines + ([] if name in LOCATION else ["mogiri;"])}


def refused(told: tuple[int, str], *words: str) -> None:
    status, text = told
    lines = [line for line in text.splitlines() if "[emerg]" in line]
    assert status == 1 and len(lines) == 1, text
    assert not [word for word in words if word not in lines[0]], (words, lines[0])
    assert re.search(r"nginx\.conf:\d+$", lines[0]), lines[0]


def test_the_table_has_every_directive():
    source = (SOURCE / "module/directives.cpp").read_text(encoding="utf-8")
    assert set(re.findall(r'\{ngx_string\("(mogiri\w*)"\)', source)) == set(ALL)
    assert set(re.findall(r'^    \{"(mogiri\w*)", \d, ', source, re.M)) == set(ALL)


@pytest.mark.parametrize("name", ALL)
def test_what_is_right(nginx_t, name):
    status, text = nginx_t(**placed(name, ALL[name][0], whole=True))
    assert status == 0 and "[emerg]" not in text, text


@pytest.mark.parametrize("name, value, remedy", WRONG)
def test_what_is_wrong(nginx_t, name, value, remedy):
    refused(nginx_t(**placed(name, value)), name, *(f'"{word.strip(chr(34))}"' for word in value.split()), remedy)


@pytest.mark.parametrize("name", ALL)
def test_twice(nginx_t, name):
    right = ALL[name][0]
    remedy = "give each a location of its own" if name in LOCATION else "there is one already: keep one of the two"
    refused(nginx_t(**placed(name, right, right)), name, *(f'"{word}"' for word in right.split()), remedy)


@pytest.mark.parametrize("name", ALL)
def test_too_few_and_too_many_arguments(nginx_t, name):
    right = ALL[name][0].split()
    for words in ([*right, "more"], right[:-1] if right else None, [*right, *"abcdefgh"]):
        if words is not None:
            said = f"takes {len(right)} and not {len(words)} argument"
            refused(nginx_t(**placed(name, " ".join(words))), name, said, f'write it like "{name}', *(f'"{word}"' for word in words))


@pytest.mark.parametrize("name", NEEDED)
def test_what_is_missing(nginx_t, name):
    status, text = nginx_t(**placed(name, whole=True))
    assert status == 1 and f'there is no "{name}" at http level: add one like "{name} ' in text, text


@pytest.mark.parametrize("name", HTTP)
def test_in_the_wrong_place(nginx_t, name):
    refused(nginx_t([], [f"{name} {HTTP[name][0]};", "mogiri;"]), name, "not allowed here")


def test_two_answers_in_one_location(nginx_t):
    refused(nginx_t([], ["mogiri;", "mogiri_metrics;"]), "mogiri_metrics", "give each a location of its own")
