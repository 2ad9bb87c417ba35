"""Holds what clients were told against PostgreSQL, Redis and the mails; every sentence it returns is a broken promise."""

import hashlib
from collections import Counter, defaultdict

from history import History
from stack.mailbox import Mailbox
from stack.stack import Stack
from stack.waiting import wait_until

ALLOWANCE = 1  # people per ticket and day in the sample event


def wait_for_quiet(stack: Stack, seconds: float = 120) -> None:
    """Until nothing is on its way any more. It does not come when something was lost half way."""
    def redis_is_empty():
        return all(stack.redis("XLEN", f"{{1}}:{stream}") == 0 for stream in ("jobs", "mail", "scans"))

    wait_until("an empty road and an empty scan log", redis_is_empty, seconds, pause=0.2)
    wait_until("every mail to come to its end", lambda: stack.sql(
        "SELECT count(*) FROM mail_outbox WHERE state NOT IN ('sent', 'failed', 'suppressed')") == [["0"]] and
        redis_is_empty(), seconds, pause=0.5)
    wait_until("an empty cache_outbox", lambda: stack.sql("SELECT count(*) FROM cache_outbox") == [["0"]], 30)


def violations(stack: Stack, history: History, mails: bool = True) -> list[str]:
    """After wait_for_quiet. `mails` is false where no mail was read from the spool."""
    found = list(history.wrong)
    found += _applications(stack, history)
    found += _quotas(stack)
    found += _admissions(stack, history)
    found += _intervals(history)
    found += _redis(stack)
    if mails:
        found += _mails(stack)
    return found


def _applications(stack: Stack, history: History) -> list[str]:
    found = []
    rows = {row[0]: row[1:] for row in stack.sql("SELECT id, email, state, coalesce(code, ''), tickets FROM application "
                                                 "WHERE event = 1")}
    tickets = Counter({one: int(count) for one, count in
                       stack.sql("SELECT application, count(*) FROM ticket WHERE event = 1 GROUP BY application")})
    ours = set()
    for submission in history.submissions:
        name = f"application under key {submission.key}"
        if len(submission.ids) > 1:
            found.append(f"{name} has two ids: {submission.ids}")
        for one in submission.ids:
            ours.add(one)
            if one not in rows:
                found.append(f"{name} was answered {dict(submission.statuses)} and is not in the ledger")
                continue
            email, state, code, count = rows[one]
            if email != submission.fields["email"]:
                found.append(f"{name} is another's in the ledger")
            if state == "issued" and not (tickets[one] == int(count) == int(submission.fields["ticket_quantity"])):
                found.append(f"{name} has {tickets[one]} tickets and wanted {submission.fields['ticket_quantity']}")
            if submission.statuses[201] and state != "issued":
                found.append(f"{name} was answered 201 and was refused: {code}")
            if submission.refusals and state == "issued":
                found.append(f"{name} was refused {submission.refusals} and has tickets")
    by_email = Counter(row[0] for row in rows.values())
    for submission in history.submissions:
        if by_email[submission.fields["email"]] > 1:
            found.append(f"application under key {submission.key} stands in the ledger "
                         f"{by_email[submission.fields['email']]} times")
    known = {submission.fields["email"] for submission in history.submissions}
    found += [f"application {one} is in the ledger and was sent by nobody" for one, row in rows.items() if row[0] not in known]
    return found


def _quotas(stack: Stack) -> list[str]:
    kinds = stack.sql("SELECT kind->>'id', (kind->>'capacity')::int FROM event, jsonb_array_elements(definition->'kinds') kind "
                      "WHERE number = 1")
    sold = dict(stack.sql("SELECT kind, count(*) FROM ticket WHERE event = 1 AND status = 'valid' GROUP BY kind"))
    found = [f"{sold[kind]} tickets of kind {kind} are sold, and there are {capacity}" for kind, capacity in kinds
             if int(capacity) and int(sold.get(kind, 0)) > int(capacity)]
    found += [f"applicant {row[0]} has {row[1]} tickets" for row in stack.sql(
        "SELECT applicant, sum(tickets) FROM application WHERE event = 1 AND state = 'issued' "
        "GROUP BY form, applicant HAVING sum(tickets) > 10 OR form = 'student' AND sum(tickets) > 2")]
    return found


def digest(nonce: str) -> str:
    """How the scan log keeps a nonce (WIRE.md)."""
    return hashlib.sha256(nonce.encode()).hexdigest()[:16]


def _admissions(stack: Stack, history: History) -> list[str]:
    found = []
    logged = defaultdict(list)
    for serial, nonce, outcome, flags, inside in stack.sql(
            "SELECT serial, encode(nonce, 'hex'), outcome, flags, inside FROM scan WHERE event = 1"):
        logged[int(serial), nonce].append((int(outcome), int(flags)))
        if int(inside) > ALLOWANCE:
            found.append(f"ticket {serial}: {inside} inside by the log")
    sent = {(scan.serial, digest(scan.nonce)) for scan in history.scans}
    codes = {"admitted": 1, "exited": 2}
    for scan in history.scans:
        if len(scan.decisions) > 1:
            found.append(f"scan {scan.nonce} was decided in several ways: {scan.decisions}")
        if scan.reason in ("unknown", "bad_code"):
            found.append(f"scan {scan.nonce} of a ticket that the door must know was refused: {scan.reason}")
        rows = logged[scan.serial, digest(scan.nonce)]
        if len(rows) > 1:
            found.append(f"scan {scan.nonce} is in the log {len(rows)} times")
        if scan.outcome in codes and [row[0] for row in rows] != [codes[scan.outcome]]:
            found.append(f"scan {scan.nonce} was {scan.outcome} and the log says {rows}")
    found += [f"ticket {serial} has a scan in the log that nobody made" for serial, nonce in logged
              if (serial, nonce) not in sent]
    found += [f"ticket {row[0]}: {row[1]} admissions and {row[2]} in the log" for row in stack.sql(
        "SELECT serial, coalesce(a.n, 0), coalesce(s.n, 0) FROM "
        "(SELECT serial, count(*) n FROM admission WHERE event = 1 GROUP BY serial) a FULL JOIN "
        "(SELECT serial, count(*) n FROM scan WHERE event = 1 AND outcome = 1 AND flags & 2 = 0 GROUP BY serial) s "
        "USING (serial) WHERE coalesce(a.n, 0) <> coalesce(s.n, 0)")]
    conflicts = stack.sql("SELECT count(*) FROM scan_conflict")
    if conflicts != [["0"]]:
        found.append(f"{conflicts[0][0]} scan conflicts")
    return found


def _intervals(history: History) -> list[str]:
    """By the clients' clocks alone: who was surely inside from the answer "admitted" until the exit was sent."""
    changes = defaultdict(list)
    for scan in history.scans:
        if scan.outcome == "admitted":
            changes[scan.serial].append((scan.answered, 1))
        elif scan.outcome == "exited":
            changes[scan.serial].append((scan.sent, -1))
    found = []
    for serial, steps in changes.items():
        inside = 0
        for _, step in sorted(steps):
            inside += step
            if inside > ALLOWANCE:
                found.append(f"ticket {serial}: {inside} inside at once, as the gates saw it")
                break
    return found


def _redis(stack: Stack) -> list[str]:
    found = [f"{stream}: {stack.redis('XPENDING', f'{{1}}:{stream}', group)[0]} pending"
             for stream, group in (("jobs", "road"), ("mail", "mail"))
             if stack.redis("XPENDING", f"{{1}}:{stream}", group)[0] != 0]
    found += [f"mail {row[0]} is still sending" for row in stack.sql("SELECT id FROM mail_outbox WHERE state = 'sending'")]
    letters = stack.sql("SELECT count(*) FROM dead_letter WHERE resolved_at IS NULL")
    if letters != [["0"]]:
        found.append(f"{letters[0][0]} dead letters")
    entered, _, inside = (int(part) for part in (stack.redis("GET", "{1}:totals:1") or "0 0 0").split())
    ledger = stack.sql("SELECT coalesce(sum(cycle), 0), coalesce(sum(inside), 0) FROM ticket_day WHERE event = 1 AND day = 1")
    if [str(entered), str(inside)] != ledger[0]:
        found.append(f"Redis counts {entered} entered and {inside} inside, PostgreSQL {ledger[0]}")
    tickets = int(stack.sql("SELECT count(*) FROM ticket WHERE event = 1")[0][0])
    cached = len(stack.redis("KEYS", "{1}:t:*"))
    if cached != tickets:
        found.append(f"the door knows {cached} tickets, the ledger {tickets}")
    return found


def _mails(stack: Stack) -> list[str]:
    found = []
    pictures = defaultdict(list)
    for mail in Mailbox(stack.env["MAIL_SPOOL"]).all():
        pictures[mail.to].append(len({image.file_name for image in mail.images}))
    for email, sent, unknowns, tickets in stack.sql(
            "SELECT m.recipient, count(*) FILTER (WHERE m.state = 'sent'), sum(m.unknowns), a.tickets FROM mail_outbox m "
            "LEFT JOIN application a ON a.id = m.application WHERE m.event = 1 AND m.kind = 'tickets' "
            "GROUP BY m.recipient, a.tickets"):
        got = pictures[email]
        if int(sent) > 0 and not int(sent) <= len(got) <= int(sent) + int(unknowns):
            found.append(f"{email} is owed {sent} mails and got {len(got)} with {unknowns} lost answers")
        if set(got) - {int(tickets)}:
            found.append(f"{email} has {tickets} tickets and got mails with {got}")
    found += [f"application {row[0]} was issued and owes a mail that nobody wrote" for row in stack.sql(
        "SELECT id FROM application a WHERE event = 1 AND state = 'issued' AND NOT EXISTS "
        "(SELECT FROM mail_outbox m WHERE m.application = a.id AND m.state IN ('sent', 'failed', 'suppressed'))")]
    return found
