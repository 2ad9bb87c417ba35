"""Mail through a server that fails in 11 % of deliveries, and a mogirid that is killed and stopped among them: every ticket's mail comes to its end."""

import signal
import time
from collections import Counter

import pytest

from breakage import kill
from capricious_server import FAULTS, LOST, CapriciousServer
from checker import wait_for_quiet
from mail_servers import PASSWORD, USER, Authority
from stack.waiting import wait_until

SHARE = 0.11
APPLICANTS, WORKERS, STOPS = 10, 4, 2


@pytest.fixture
def server(stack, work_dir, dice, amounts):
    authority = Authority(work_dir / "authority")
    server = CapriciousServer(work_dir / "server", dice, SHARE, authority, amounts.faulty_mails // 500)
    for name, text in (("ca.pem", authority.certificates.read_text()), ("smtp.password", PASSWORD)):
        (stack.folder.conf / name).write_text(text)
        (stack.folder.conf / name).chmod(0o644)  # in a folder that only the stack's account enters
    file = stack.folder.conf / "mogirid.toml"
    text = file.read_text(encoding="utf-8").replace('transport = "spool"', 'transport = "smtp"').replace(
        "workers = 4", f"workers = {WORKERS}\nfirst_retry = 1")
    file.write_text(f'{text}\n[mail.smtp]\nhost = "localhost"\nport = {server.port}\nca_file = "{stack.folder.conf}/ca.pem"\n'
                    f'user = "{USER}"\npassword_file = "{stack.folder.conf}/smtp.password"\nfinal_timeout = 2\n')
    stack.process("mogirid").signal(signal.SIGHUP)
    wait_until("the transport smtp", lambda: "rules from now on" in (stack.folder.log / "mogirid.log").read_text())
    yield server
    server.stop()


def test_smtp_faults(stack, amounts, dice, crowd, history, server, every_promise_holds):
    crowd.applicants(amounts.faulty_mails, clients=APPLICANTS, most=1)
    began, strokes = time.monotonic(), ["kill"] * amounts.mail_kills + ["stop"] * STOPS
    dice.shuffle(strokes)
    for number, stroke in enumerate(strokes, 1):
        amid = amounts.faulty_mails * number // (len(strokes) + 1)
        wait_until(f"{amid} mails", lambda amid=amid: len(server.story) >= amid, amounts.faulty_mails)
        time.sleep(dice.uniform(0, 0.1))
        if stroke == "kill":
            kill(stack, "mogirid", dice)
        else:
            outlive_leases(stack)
    crowd.end(amounts.faulty_mails)
    wait_for_quiet(stack, amounts.faulty_mails)
    print(f"{sum(map(len, server.story.values()))} deliveries in {time.monotonic() - began:.0f} s, {amounts.mail_kills} kills, {STOPS} stops; "
          f"injected: {dict(server.injected)}")
    assert all(server.injected[fault] for fault in FAULTS)
    check_mails(stack, server, WORKERS * len(strokes))
    every_promise_holds(mails=False)


def outlive_leases(stack) -> None:
    """mogirid stands still until the leases of the mails that it has in hand are over. They are brought forward, for they last as long as
    a mail may take; then both find the mails: the worker that goes on and the sweep."""
    process = stack.process("mogirid")
    process.signal(signal.SIGSTOP)
    try:
        stack.sql("UPDATE mail_outbox SET lease_until = now() - interval '1 s' WHERE state = 'sending'")
    finally:
        process.signal(signal.SIGCONT)


def check_mails(stack, server: CapriciousServer, in_hand: int) -> None:
    """`in_hand`: at most so many mails were, when mogirid was killed or stopped."""
    rows = stack.sql("SELECT recipient, state, unknowns, coalesce(last_code, 0), message_id FROM mail_outbox")
    issued, = stack.sql("SELECT count(*), count(DISTINCT email) FROM application WHERE state = 'issued'")
    assert issued == [str(len(rows))] * 2, "as many mails as applications with tickets"
    wrong, lost, noted, duplicates = [], 0, 0, 0
    for recipient, state, unknowns, code, message_id in rows:
        story, kept = server.story[recipient], server.kept[recipient]
        lost += sum(fault in LOST for fault in story)
        noted += int(unknowns)
        duplicates += max(0, kept - 1)
        end = {"accepted": ("sent", "250"), "recipient": ("failed", "550")}.get(story[-1], ("failed", "354"))
        if (state, code) != end:
            wrong.append(f"{story} and it is {state} by {code}")
        if server.message_ids[recipient] - {message_id}:
            wrong.append(f"{story} with the ids {server.message_ids[recipient]}, and it has {message_id}")
        if end[1] == "354" and int(unknowns) < 2:
            wrong.append(f"{story}: given up though its answer was lost {unknowns} times only")
        if state == "sent" and kept == 0:
            wrong.append(f"{story}: sent, and nobody has it")
    print(f"{dict(Counter(row[1] for row in rows))}; {lost} answers lost, {noted} noted; {duplicates} duplicates")
    assert not wrong, "\n".join(wrong[:20])
    assert lost - in_hand <= noted <= lost
    assert duplicates <= lost + in_hand
