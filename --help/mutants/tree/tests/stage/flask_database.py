"""The database of the system before, as its application made it, in a database of its own on a stack's server."""

import hashlib
import subprocess
from dataclasses import dataclass, field

from stack import services
from stack.folder import read_json
from stack.stack import Stack

TABLES = """
CREATE TABLE "mf24-user" (
    userid varchar(50) PRIMARY KEY, username varchar(50) NOT NULL, first_name varchar(50) NOT NULL,
    last_name varchar(50) NOT NULL, privilege varchar(25) NOT NULL, grade varchar(5), class_number varchar(5),
    student_number integer, email varchar(50) NOT NULL UNIQUE, password_hash varchar(255),
    music_fes24_requested_ticket_number integer NOT NULL DEFAULT 0);
CREATE TABLE "mf24-ticket" (
    userid varchar(225) NOT NULL, ticket_id integer NOT NULL,
    created_at timestamp NOT NULL DEFAULT '2027-05-02 18:00', invited_name varchar(225) NOT NULL,
    ticket_hash varchar(225) PRIMARY KEY, entry_day1 integer DEFAULT 1, entry_day2 integer DEFAULT 1,
    exit_day1 integer DEFAULT 0, exit_day2 integer DEFAULT 0, entry_total_day1 integer DEFAULT 0,
    entry_total_day2 integer DEFAULT 0, entry_time_day1 timestamp, entry_time_day2 timestamp,
    exit_time_day1 timestamp, exit_time_day2 timestamp);
"""


def old_code(user: str, number: int) -> str:
    """64 hex digits, as anybody could make them there."""
    return hashlib.sha256(f"{user}{number:02}Music".encode()).hexdigest()


def quoted(value) -> str:
    return "NULL" if value is None else str(value) if isinstance(value, int) else "'" + value.replace("'", "''") + "'"


@dataclass
class FlaskDatabase:
    stack: Stack
    name: str
    _waiting: list[str] = field(default_factory=list)  # statements, run together before anybody looks

    def make(self) -> "FlaskDatabase":
        self._psql(f'CREATE DATABASE "{self.name}" OWNER mogiri', "postgres", as_owner=True)
        self.sql(TABLES)
        return self

    @property
    def url(self) -> str:
        """As SQLAlchemy spells it."""
        self.sql("")
        return self.stack.env["DATABASE_URL"].rsplit("/", 1)[0].replace("postgresql:", "postgresql+psycopg2:") + f"/{self.name}"

    def sql(self, text: str) -> list[list[str]]:
        waiting, self._waiting = self._waiting, []
        return self._psql(";\n".join([*waiting, text]), self.name)

    def insert(self, table: str, **row) -> None:
        self._waiting.append(f'INSERT INTO "{table}" ({", ".join(row)}) VALUES ({", ".join(quoted(value) for value in row.values())})')

    def student(self, group: str, number: int, **other) -> str:
        user = f"{group}{number:02}"
        self.insert("mf24-user", **{"userid": user, "username": user, "first_name": "Taro", "last_name": "Yamada",
                                    "privilege": "student", "grade": group[:2], "class_number": group[2:],
                                    "student_number": number, "email": f"{user.lower()}@example.jp", **other})
        return user

    def teacher(self, user: str, **other) -> str:
        self.insert("mf24-user", **{"userid": user, "username": user, "first_name": "Ichiro", "last_name": "Suzuki",
                                    "privilege": "teacher", "email": f"{user}@example.jp", **other})
        return user

    def ticket(self, user: str, number: int, guest: str = "山田 花子", **other) -> str:
        """Its code."""
        code = other.pop("ticket_hash", old_code(user, number))
        self.insert("mf24-ticket", userid=user, ticket_id=number, invited_name=guest, ticket_hash=code, **other)
        return code

    def _psql(self, text: str, database: str, as_owner: bool = False) -> list[list[str]]:
        memory = read_json(self.stack.folder.memory_file)
        user, word = ("postgres", "postgresql_owner") if as_owner else ("mogiri", "postgresql")
        server = {"PGHOST": "127.0.0.1", "PGPORT": str(memory["ports"]["postgresql"]), "PGUSER": user,
                  "PGPASSWORD": memory["secrets"][word], "PGDATABASE": database}
        done = subprocess.run(["psql", "-qAtX", "-F", "\x1f", "-v", "ON_ERROR_STOP=1"], input=text, text=True,
                              capture_output=True, env={**services.clean_environment(self.stack.folder), **server})
        if done.returncode != 0:
            raise RuntimeError(done.stderr)
        return [line.split("\x1f") for line in done.stdout.splitlines()]
