"""64 clients who apply at once."""

import threading
from collections import Counter

from festival import new_key
from stack.client import Client

CLIENTS = 64


def race(stack, path: str, applications, outcome, between=None) -> Counter:
    """Every client takes the next application as soon as it has an answer; counts `outcome(client, answer)`.

    `between` is done again and again meanwhile.
    """
    waiting, outcomes, start = list(applications), Counter(), threading.Barrier(CLIENTS + 1)

    def run():
        client = Client(stack.env["BASE_URL"])
        start.wait()
        while True:
            try:
                fields = waiting.pop()
            except IndexError:
                return
            outcomes[outcome(client, client.post_json(path, fields, Idempotency_Key=new_key()))] += 1

    clients = [threading.Thread(target=run) for _ in range(CLIENTS)]
    for client in clients:
        client.start()
    start.wait()
    while between and any(client.is_alive() for client in clients):
        between()
    for client in clients:
        client.join()
    return outcomes
