"""A roster by list: imported with a report of every bad row, asked by the forms, listed and cleared."""

import json

import pytest

from festival import EVENT_TEXT, decided, new_key, student

HEADER = "id,name,address,class\n"


@pytest.fixture(scope="module")
def event(stack) -> str:
    """The sample event with a list in place of the class sizes."""
    before = EVENT_TEXT.index("  [form.roster]\n")
    after = EVENT_TEXT.index("[[form]]", before)
    text = EVENT_TEXT[:before] + "  [form.roster]\n  list = true\n\n" + EVENT_TEXT[after:]
    write(stack, "listed.toml", text.replace('slug      = "musicfes"', 'slug = "listed"'))
    stack.mogirictl("event", "apply", stack.folder.conf / "listed.toml")
    return "listed"


def write(stack, name: str, text: str | bytes):
    path = stack.folder.conf / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    path.chmod(0o644)
    return path


def load(stack, event: str, text: str | bytes, *options: str, status: int = 0) -> dict:
    done = stack.mogirictl("roster", "import", event, "student", write(stack, "roster.csv", text), *options, "--json",
                           check=False)
    assert done.returncode == status, done.stdout + done.stderr
    return json.loads(done.stdout)


def listed(stack, event: str, *options: str) -> list[dict]:
    return json.loads(stack.mogirictl("roster", "list", event, "student", "--json", *options).stdout)


def apply(client, event: str, number: int, email: str | None = None):
    return client.post_json(f"/e/{event}/api/v1/apply", student("S2E", number, email=email), Idempotency_Key=new_key())


def test_the_list_says_who_may_apply(stack, client, event):
    assert apply(client, event, 1).json["code"] == "unknown_student"
    told = load(stack, event, "\ufeff" + HEADER.replace("\n", "\r\n") + 'S2E01,"山田, 太郎",,S2E\r\nS2E02,鈴木,Jiro@example.jp,S2E\r\n')
    assert (told["added"], told["imported"], told["bad"]) == (2, True, [])
    assert decided(client, apply(client, event, 1))["state"] == "issued"
    refused = apply(client, event, 2, email="someone@example.jp")
    assert (refused.status, refused.json["code"]) == (409, "address_taken")
    assert decided(client, apply(client, event, 2, email="jiro@EXAMPLE.jp"))["state"] == "issued"
    assert apply(client, event, 3).json["code"] == "unknown_student"
    assert [row["id"] for row in listed(stack, event)] == ["S2E01", "S2E02"]
    assert "name" not in listed(stack, event)[0] and listed(stack, event, "--personal")[0]["name"] == "山田, 太郎"


def test_again_changes_nothing(stack, event):
    rows = HEADER + "S1A01,Saburo,,S1A\n"
    assert load(stack, event, rows, "--dry-run")["imported"] is False
    assert listed(stack, event, "--class", "S1A") == []
    assert load(stack, event, rows)["added"] == 1
    assert load(stack, event, rows)["unchanged"] == 1
    assert load(stack, event, rows.replace("Saburo", "Shiro"))["changed"] == 1


def test_a_bad_row_imports_nothing(stack, event):
    rows = HEADER + "S1B01,Good,,S1B\n,Nameless,,S1B\nS1B02,Bad,nowhere,S1B\n"
    told = load(stack, event, rows, status=3)
    assert [(row["line"], row["column"]) for row in told["bad"]] == [(3, "id"), (4, "address")]
    assert listed(stack, event, "--class", "S1B") == []
    text = stack.mogirictl("roster", "import", event, "student", stack.folder.conf / "roster.csv", check=False)
    assert text.returncode == 3 and "roster.csv:4: address = nowhere: " in text.stderr
    assert load(stack, event, rows, "--skip-bad")["added"] == 1
    assert [row["id"] for row in listed(stack, event, "--class", "S1B")] == ["S1B01"]


def test_a_long_one_and_clear(stack, event):
    rows = HEADER + "".join(f"X{number:05},Name {number},x{number}@example.jp,X\n" for number in range(10_000))
    assert load(stack, event, rows)["added"] == 10_000
    there = int(stack.sql("SELECT count(*) FROM roster_entry")[0][0])
    assert json.loads(stack.mogirictl("roster", "clear", event, "student", "--json").stdout) == {"removed": there}
    assert json.loads(stack.mogirictl("roster", "clear", event, "student", "--json").stdout) == {"removed": 0}
    noted = stack.sql("SELECT verb, subject, after FROM audit WHERE verb LIKE 'roster.%' AND origin <> '' AND actor LIKE 'mogirictl:%' "
                      "ORDER BY id DESC LIMIT 3")
    assert [(verb, subject, json.loads(after)) for verb, subject, after in reversed(noted)] == [
        ("roster.import", "roster student", {"added": 10_000, "changed": 0, "unchanged": 0}),
        ("roster.clear", "roster student", {"removed": there}), ("roster.clear", "roster student", {"removed": 0})]


def test_what_is_no_roster(stack, event):
    for words, status in ((("musicfes", "student"), 1), ((event, "nosuch"), 1), (("nosuch", "student"), 1)):
        done = stack.mogirictl("roster", "list", *words, check=False)
        assert done.returncode == status and done.stderr, words
    assert stack.mogirictl("roster", "import", event, "student", "/nonexistent.csv", check=False).returncode == 3
