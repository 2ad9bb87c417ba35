"""What an input leaves behind: rows, keys, workers; so that a test can say that it left nothing."""

import hashlib
import json

from stack.process import Process, children


def stored(stack) -> tuple:
    """Everything that an application or a scan could leave behind."""
    tables = [row[0] for row in stack.sql("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1")]
    rows = stack.sql(" UNION ALL ".join(f"SELECT '{table}', count(*)::text FROM {table}" for table in tables))
    # How many mails are owed is written down after the fact; the rows above tell it.
    keys = sorted(key for key in stack.redis("KEYS", "*") if not key.endswith(":outbox"))
    # Of a stream its entries: its dump holds the clocks of consumers that look for work.
    contents = hashlib.sha256(json.dumps(stack.redis(
        "EVAL", "local d = {} for i, k in ipairs(KEYS) do local s = redis.call('TYPE', k).ok == 'stream' "
        "d[i] = redis.sha1hex(s and cjson.encode(redis.call('XRANGE', k, '-', '+')) or redis.call('DUMP', k)) end return d",
        str(len(keys)), *keys)).encode()).hexdigest()
    return rows, keys, contents


def workers(stack) -> list[Process]:
    return sorted((Process.of(pid) for pid in children(stack.process("nginx").pid)), key=lambda worker: worker.pid)
