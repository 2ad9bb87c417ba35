"""What staff do with tickets at a table, by the API: more of them, names corrected, uses given back, found, looked at, mailed again."""

import json
import subprocess

import pytest

from festival import decided, new_key, nonces, teacher
from people import Member
from stack.client import Client
from stack.mailbox import Image
from stack.waiting import wait_until
from ticket_codes import TicketCodes


@pytest.fixture(scope="module")
def admin(stack):
    member = Member(stack.env["BASE_URL"])
    assert member.log_in("admin", stack.env["ADMIN_PASSWORD"]).status == 200
    member.own["Accept"] = "*/*"
    yield member
    member.close()


@pytest.fixture(scope="module")
def codes(stack):
    return TicketCodes((stack.folder.conf / "master.keys").read_text())


def applied(client, name: str, guests=("山田 花子", "佐藤")) -> str:
    return decided(client, client.apply(teacher(name, guests), new_key()))["application"]


def of(admin, id: str) -> list[dict]:
    return [one for one in admin.ask("GET", f"/api/v1/applications/{id}/record").json["of_tickets"] if one["status"] == "valid"]


def test_more_tickets_for_an_application(stack, admin, client, codes, first):
    id = applied(client, "more")
    path = f"/api/v1/applications/{id}/tickets"
    made = admin.ask("POST", path, {"guests": ["田中 三郎", "<b>O'Brien</b>"], "reason": "two more came"})
    assert made.status == 201 and [one["guest"] for one in made.json["items"]] == ["田中 三郎", "<b>O'Brien</b>"], made.text
    assert [one["position"] for one in made.json["items"]] == [3, 4] and len(of(admin, id)) == 4
    assert first.scan(codes.issue(1, made.json["items"][0]["ticket"]), next(nonces)).json["outcome"] == "admitted", "known at once"
    for change, field in (({"guests": []}, "guests"), ({"guests": [" "]}, "guests"), ({"guests": "x"}, "guests"), ({"guests": ["a\r\nb"]}, "guests"),
                          ({"reason": ""}, "reason"), ({"more": 1}, "more")):
        wrong = admin.ask("POST", path, {"guests": ["x"], "reason": "x", **change})
        assert wrong.status == 422 and wrong.json["errors"][0]["field"] == field, wrong.text
    assert admin.ask("POST", "/api/v1/applications/" + "A" * 26 + "/tickets", {"guests": ["x"], "reason": "x"}).status == 404
    assert admin.ask("POST", f"/api/v1/applications/{id}/cancel", {"reason": "x"}).status == 200
    late = admin.ask("POST", path, {"guests": ["x"], "reason": "x"})
    assert (late.status, late.json["code"]) == (409, "no_tickets")


def test_a_use_is_given_back_and_a_name_corrected(stack, admin, client, codes, first, second):
    serial = of(admin, applied(client, "again"))[0]["ticket"]
    path = f"/api/v1/tickets/{serial}"
    none = admin.ask("POST", path + "/restore", {"reason": "x"})
    assert (none.status, none.json["code"]) == (409, "no_use")
    code = codes.issue(1, serial)
    assert first.scan(code, next(nonces)).json["outcome"] == "admitted"
    key = new_key()
    done = admin.ask("POST", path + "/restore", {"reason": "by mistake", "day": 1}, Idempotency_Key=key)
    assert done.status == 200 and done.json["changes"][-1]["reason"].startswith("by mistake"), done.text
    assert admin.ask("POST", path + "/restore", {"reason": "by mistake", "day": 1}, Idempotency_Key=key).text == done.text
    assert second.scan(code, next(nonces)).json["outcome"] == "admitted", "the door knows at once, and gave back once"
    renamed = admin.ask("POST", path + "/rename", {"name": "山本 さくら", "reason": "misspelt"})
    assert renamed.status == 201 and renamed.json["guest"] == "山本 さくら", renamed.text
    assert first.scan(code, next(nonces)).json["reason"] == "revoked"
    assert first.scan(codes.issue(1, renamed.json["ticket"]), next(nonces)).json["reason"] == "already_inside", "the use stays"
    assert admin.ask("POST", path + "/rename", {"name": "x", "reason": "x"}).json["code"] == "not_valid"
    for wish, field in (({"name": "", "reason": "x"}, "name"), ({"name": "a\u202eb", "reason": "x"}, "name"), ({"name": "x"}, "reason")):
        wrong = admin.ask("POST", f"/api/v1/tickets/{renamed.json['ticket']}/rename", wish)
        assert wrong.status == 422 and wrong.json["errors"][0]["field"] == field, wrong.text
    told = stack.mogirictl("ticket", "rename", renamed.json["reference"], "山本 桜", "--reason", "kanji", "--json").stdout
    assert admin.ask("GET", f"/api/v1/tickets/{json.loads(told)[0]['serial']}").json["guest"] == "山本 桜"
    for verb in ("restore", "rename"):
        assert admin.ask("POST", f"/api/v1/tickets/999999/{verb}", {"reason": "x", **({"name": "x"} if verb == "rename" else {})}).status == 404


def test_a_ticket_is_found(stack, admin, client, codes):
    one, two = applied(client, "found"), applied(client, "found")
    serials = [ticket["ticket"] for id in (one, two) for ticket in of(admin, id)]
    found = admin.ask("POST", "/api/v1/tickets/find", {"code": codes.issue(1, serials[0])})
    assert found.status == 200 and found.json["ticket"] == serials[0], found.text
    assert [admin.ask("GET", f"/api/v1/applicants/found@example.jp/tickets/{n}").json["ticket"] for n in (1, 2, 3, 4)] == serials
    next_one = admin.ask("POST", f"/api/v1/tickets/{serials[1]}/reissue", {"reason": "lost"}).json["ticket"]
    assert admin.ask("GET", "/api/v1/applicants/found@example.jp/tickets/2").json["ticket"] == next_one, "what has the place now"
    for path in ("found@example.jp/tickets/5", "found@example.jp/tickets/0", "found@example.jp/tickets/x", "nobody/tickets/1", "%27/tickets/1"):
        assert admin.ask("GET", "/api/v1/applicants/" + path).status == 404
    code = codes.issue(1, serials[0])
    for wrong in (code[:-1] + ("A" if code[-1] != "A" else "B"), codes.issue(2, serials[0]), "x", "0" * 64, "A" * 34, "'; --"):
        assert admin.ask("POST", "/api/v1/tickets/find", {"code": wrong}).status == 404
    listed = admin.ask("GET", "/api/v1/tickets?count=true&limit=1&application=" + one).json
    assert listed["count"] == 3 and len(listed["items"]) == 1, "the reissued one is listed as well"
    assert admin.ask("GET", "/api/v1/tickets?count=5").json["errors"][0]["field"] == "count"
    program = stack.mogirictl("apikey", "add", "finds", "--role", "staff", "--scope", "ticket:read", "--json")
    reader = Client(stack.env["BASE_URL"], json.loads(program.stdout)["secret"])
    assert reader.post_json("/api/v1/tickets/find", {"code": code}).status == 200, "it only reads"
    log = "".join(path.read_text(errors="replace") for path in stack.folder.log.glob("*.log"))
    assert code not in log


def test_its_picture_is_shown(stack, admin, client, codes):
    serial = of(admin, applied(client, "picture"))[0]["ticket"]
    picture = admin.ask("GET", f"/api/v1/tickets/{serial}/picture?language=en")
    assert picture.headers["Content-Type"] == "image/png" and Image("", picture.body).codes == [codes.issue(1, serial)]
    assert admin.ask("GET", f"/api/v1/tickets/{serial}/picture", If_None_Match=picture.headers["ETag"]).status in (200, 304)
    assert admin.ask("GET", f"/api/v1/tickets/{serial}/picture?language=de").status == 422
    for query, size in (("", "595.276 x 841.89 pts (A4)"), ("?paper=own&language=en", "264.96 x 529.92 pts")):
        paper = admin.ask("GET", f"/api/v1/tickets/{serial}/picture.pdf{query}", Accept="application/pdf")
        assert paper.headers["Content-Type"] == "application/pdf"
        assert size in subprocess.run(["pdfinfo", "-"], input=paper.body, capture_output=True, check=True).stdout.decode()
    assert admin.ask("GET", f"/api/v1/tickets/{serial}/picture.pdf?paper=a3").json["errors"][0]["field"] == "paper"
    assert admin.ask("POST", f"/api/v1/tickets/{serial}/revoke", {"reason": "x"}).status == 200
    assert admin.ask("GET", f"/api/v1/tickets/{serial}/picture").json["code"] == "not_valid"
    assert admin.ask("GET", f"/api/v1/tickets/{serial}/picture.pdf").json["code"] == "not_valid"
    assert admin.ask("GET", "/api/v1/tickets/999999/picture").status == 404


def test_all_of_an_applicants_tickets_are_mailed_again(stack, admin, client, mailbox):
    for _ in range(2):
        applied(client, "mailed")
    done = admin.ask("POST", "/api/v1/applicants/mailed@example.jp/resend")
    assert done.status == 200 and done.json == {"mails": 2}, done.text
    wait_until("four mails", lambda: len(mailbox.to("mailed@example.jp")) == 4)
    assert admin.ask("POST", "/api/v1/applicants/nobody/resend").status == 404
