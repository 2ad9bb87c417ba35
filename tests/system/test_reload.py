"""nginx reloads under load: every request gets its answer, old workers end, and nothing is logged as an alert."""

import os
import signal
import threading

from conftest import check_logs
from festival import everybody, new_key, nonces, student, tickets
from stack.client import Client
from stack.process import Process, children
from stack.waiting import wait_until

RELOADS = 5


def test_no_request_is_dropped(stack, client):
    ticket = tickets(stack, client, 1)[0]
    stop, failures, answered = threading.Event(), [], []
    people, lock = everybody(), threading.Lock()

    def keep_on(send):
        while not stop.is_set():
            try:
                # a new connection each time: an old worker may close an idle one as the next request is sent
                answer = send(Client(stack.env["BASE_URL"], stack.env["DEVICE_KEY"]))
                answered.append(answer.status)
            except Exception as error:  # noqa: BLE001
                failures.append(repr(error))

    def apply(own):
        with lock:
            person = next(people)
        return own.apply(student(*person), new_key())

    threads = [threading.Thread(target=keep_on, args=(send,))
               for send in (apply, apply, lambda own: own.scan(ticket.code, next(nonces)),
                            lambda own: own.get("/apply/student", Accept="text/html"))]
    for thread in threads:
        thread.start()
    master = stack.process("nginx")
    try:
        for _ in range(RELOADS):
            old = [Process.of(pid) for pid in children(master.pid)]
            seen = len(answered)
            os.kill(master.pid, signal.SIGHUP)
            wait_until("new workers", lambda: set(children(master.pid)) - {worker.pid for worker in old})
            wait_until("the old workers to end", lambda: not any(worker.alive() for worker in old))
            wait_until("more answers", lambda: len(answered) > seen + 20)
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    assert stack.process("nginx") == master
    assert failures == []
    assert set(answered) <= {200, 201, 202}
    check_logs(stack)
