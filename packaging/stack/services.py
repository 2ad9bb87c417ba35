"""How Redis, PostgreSQL, mogirid and nginx are started in a stack's folder, from the shipped configuration."""

import hashlib
import os
import resource
import secrets
import signal
from pathlib import Path

from . import postgresql
from .account import Account
from .build import SOURCE, Build
from .configuration import fill_file
from .folder import Folder
from .service import Specification

# Above what any tool on this machine sends, so that a demo may be measured.
RATE, BURST = "20000r/s", "20000"
WATCHDOG_SECONDS = 30
FILES = 16384


def places(folder: Folder, build: Build, memory: dict) -> dict[str, str]:
    """The values for @NAME@ in the files of config/; its README says what each stands for."""
    words = memory["secrets"]
    values = {
        "REDIS_SOCKET": folder.redis_socket, "REDIS_SOCKET_MODE": "770", "REDIS_DIR": folder.redis,
        "REDIS_USERS": folder.conf / "mogiri-users.conf", "REDIS_DEFAULT_USER": "on nopass ~* &* +@all",
        "REDIS_DAEMON_PASSWORD_FILE": folder.conf / "redis-mogirid.password",
        "REDIS_NGINX_PASSWORD_FILE": folder.conf / "redis-nginx.password",
        "REDIS_DAEMON_PASSWORD_SHA256": hashlib.sha256(words["redis_mogirid"].encode()).hexdigest(),
        "REDIS_NGINX_PASSWORD_SHA256": hashlib.sha256(words["redis_nginx"].encode()).hexdigest(),
        "KEYS_FILE": folder.conf / "master.keys", "TEMPLATES_DIR": SOURCE / "templates", "PLUGINS_DIR": build.plugins,
        "LIBRARIES_DIR": build.libraries,
        "MAIL_SPOOL": folder.mail, "SERVER_URL": base_url(memory), "DATABASE_URL": database_url(memory),
        "FROM_EMAIL": "tickets@example.jp", "CONTACT_EMAIL": "festival@example.jp",
        "ACCESS_LOG": folder.log / "nginx-access.log", "OLD_PATHS": "on",
        "MODULE": build.module, "NGINX_DIR": folder.nginx, "LOG_DIR": folder.log, "CONF_DIR": folder.conf,
        "NGINX_PORT": memory["ports"]["nginx"], "HTTP2_PORT": memory["ports"]["http2"],
        "NGINX_FILES": _open_files(), "NGINX_CONNECTIONS": _open_files() // 2,
    }
    for limit in ("PAGE", "APPLY", "FIND", "LOGIN", "NETWORK", "DOOR", "DEVICE"):
        values[f"{limit}_RATE"], values[f"{limit}_BURST"] = RATE, BURST
    values["CLAIM_RATE"], values["CLAIM_BURST"] = "1r/s", "100"  # few claim, and a test meets the limit
    return {name: str(value) for name, value in values.items()}


def base_url(memory: dict) -> str:
    return f"http://127.0.0.1:{memory['ports']['nginx']}"


def http2_url(memory: dict) -> str:
    """The same server for clients that speak HTTP/2 without TLS and know it beforehand."""
    return f"http://127.0.0.1:{memory['ports']['http2']}"


def database_url(memory: dict) -> str:
    return (f"postgresql://{postgresql.ROLE}:{memory['secrets']['postgresql']}@127.0.0.1:{memory['ports']['postgresql']}"
            f"/{postgresql.DATABASE}")


def new_secrets() -> dict[str, str]:
    return {name: secrets.token_urlsafe(18).replace("-", "x")
            for name in ("redis_mogirid", "redis_nginx", "postgresql", "postgresql_owner", "admin")}


def write_configuration(folder: Folder, build: Build, account: Account, memory: dict) -> None:
    values = places(folder, build, memory)
    config, conf = SOURCE / "config", folder.conf
    fill_file(config / "redis/mogiri-redis.conf", conf / "mogiri-redis.conf", values)
    fill_file(config / "redis/mogiri-users.conf", conf / "mogiri-users.conf", values)
    fill_file(config / "nginx/mogiri-http.conf", conf / "mogiri-http.conf", values)
    fill_file(config / "nginx/mogiri-server.conf", conf / "mogiri-server.conf", values)
    fill_file(config / "mogirid.toml", conf / "mogirid.toml", values)
    fill_file(Path(__file__).with_name("nginx.conf"), conf / "nginx.conf", values)
    (conf / "redis-mogirid.password").write_text(memory["secrets"]["redis_mogirid"] + "\n")
    (conf / "redis-nginx.password").write_text(memory["secrets"]["redis_nginx"] + "\n")
    (conf / "admin.password").write_text(memory["secrets"]["admin"] + "\n")
    fill_file(config / "events/musicfes.toml", conf / "musicfes.toml", values)
    for path in conf.iterdir():
        path.chmod(0o600)
        account.own(path)


def clean_environment(folder: Folder) -> dict[str, str]:
    """Nothing of the caller's: DATABASE_URL and its like would win over our configuration."""
    return {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8",
            "HOME": str(folder.run), "TMPDIR": str(folder.run)}


def specifications(folder: Folder, build: Build, account: Account, memory: dict) -> list[Specification]:
    clean = clean_environment(folder)
    sanitizer = build.sanitizer_environment()

    def log(name: str) -> str:
        return str(folder.log / f"{name}.log")

    return [
        Specification("postgres", postgresql.server(folder.postgresql / "data", account, memory["ports"]["postgresql"]),
                      log("postgresql"), stop_signal=signal.SIGINT, environment=clean),
        Specification("redis", account.command(["/usr/bin/redis-server", folder.conf / "mogiri-redis.conf"]),
                      log("redis"), environment=clean),
        Specification("mogirid", account.command([build.mogirid, "--config", folder.conf / "mogirid.toml"]),
                      log("mogirid"), stop_seconds=60, watchdog_seconds=WATCHDOG_SECONDS,
                      environment={**clean, **sanitizer, "NOTIFY_SOCKET": str(folder.notify_socket),
                                   "WATCHDOG_USEC": str(WATCHDOG_SECONDS * 1_000_000)}),
        Specification("nginx", account.command([build.nginx or _nginx(), "-c", folder.conf / "nginx.conf", "-p", folder.nginx,
                                                "-e", folder.log / "nginx-error.log"]),
                      log("nginx"), stop_signal=signal.SIGQUIT,
                      environment={**clean, **build.nginx_environment()}),
    ]


def _open_files() -> int:
    """No more than the system gives this account: nginx raises an alert where it cannot have them."""
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    return FILES if most == resource.RLIM_INFINITY else min(FILES, most)


def _nginx() -> str:
    for path in ("/usr/sbin/nginx", "/usr/local/sbin/nginx"):
        if os.access(path, os.X_OK):
            return path
    raise RuntimeError("No nginx in /usr/sbin: packaging/dependencies/install run")
