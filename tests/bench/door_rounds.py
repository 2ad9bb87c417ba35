"""One round of the door's benchmark: every row once with each number of connections, by wrk, everything on this machine."""

import json
import subprocess
from pathlib import Path

from door_place import DoorPlace
from load import Load, arrivals, post

CONNECTIONS = (64, 256)
HERE = Path(__file__).resolve().parent
MOST_A_SECOND = 80_000  # more tickets are not kept ready for a run; as many as `return 200` answers


class Rounds:
    def __init__(self, place: DoorPlace, codes: Path, seconds: float, program: Path, say):
        self._place, self._codes, self._seconds, self._program, self._say = place, codes, seconds, program, say
        self._seeds = 0

    def wrk(self, url: str, path: str, connections: int, first: int, seconds: float | None = None) -> dict:
        told = subprocess.run(
            ["wrk", "-t", "1", "-c", str(connections), "-d", f"{seconds or self._seconds:g}s", "-s", HERE / "scans.lua", url, "--", path,
             self._place.stack.env["DEVICE_KEY"], self._codes, str(first)], capture_output=True, text=True, check=True).stdout
        return json.loads(told.splitlines()[-1])

    def plain(self, connections: int) -> dict[str, float]:
        """`return 200`."""
        return self._counted(f"plain_{connections}", lambda: self.wrk(self._place.stack.env["BASE_URL"], "/bench/return", connections, 0))

    def ours(self, connections: int, sync: str) -> dict[str, float]:
        self._place.sync(sync)
        before = self._place.entered()
        name = f"{sync}_{connections}"
        wanted = int(MOST_A_SECOND * self._seconds)
        first = self._place.take_codes(wanted)
        figures = self._counted(name, lambda: self.wrk(self._place.stack.env["BASE_URL"], "/api/v1/checkin", connections, first))
        entered = self._place.entered() - before
        self._place.give_codes_back(max(0, wanted - entered - 8 * connections))
        self._place.sync("always")
        answered = figures.pop(f"{name}_requests")
        # What is under way when wrk leaves is decided a moment later, or never.
        if abs(entered - answered) > 2 * connections:
            raise RuntimeError(f"{name}: {answered} answers and {entered} admissions")
        return figures

    def elsewhere(self, name: str, server, connections: int) -> dict[str, float]:
        """Another server, which takes tickets of its own: these scans are ours no more."""
        wanted = int(MOST_A_SECOND / 2 * self._seconds)
        before, first = self._place.entered(), self._place.take_codes(wanted)
        told = self.wrk(server.url, "/api/v1/checkin", connections, first)
        entered = self._place.entered() - before
        self._place.give_codes_back(max(0, wanted - entered - 8 * connections))
        self._say(f"  {name}_{connections}: {told['requests'] / told['seconds']:,.0f}/s, p99 {told['p99']:.1f} ms, {told['failed']} failed")
        if told["failed"] or (name == "lua" and entered < told["requests"]):
            raise RuntimeError(f"{name}: {told}, {entered} admitted")
        return {f"{name}_{connections}": told["requests"] / told["seconds"], f"{name}_{connections}_p99": told["p99"]}

    def open_loop(self, rate: float, seconds: float) -> dict[str, float]:
        """Arrival times fixed in advance, 64 connections."""
        self._seeds += 1
        times = arrivals(rate, seconds, self._seeds)
        first = self._place.take_codes(len(times))
        with open(self._codes) as file:
            file.seek(35 * first)
            codes = [file.readline()[:34] for _ in times]
        requests = [post(self._place.stack.env["BASE_URL"], "/api/v1/checkin", {"code": code, "direction": "entry", "nonce": code},
                         Authorization=f"Bearer {self._place.stack.env['DEVICE_KEY']}") for code in codes]
        answers = Load(self._program, self._place.stack.env["BASE_URL"], times, requests, 64).start().end()
        self._say(f"  {rate:g}/s, open loop: p50 {answers.percentile(.5):.2f} ms, p99 {answers.percentile(.99):.2f} ms, {answers.statuses}")
        return {"open_p50": answers.percentile(.5), "open_p99": answers.percentile(.99),
                "open_degraded": float(len(times) - answers.statuses.get(200, 0))}

    def _counted(self, name: str, run) -> dict[str, float]:
        before = self._place.processor_time()
        told = run()
        after = self._place.processor_time()
        if told["failed"]:
            raise RuntimeError(f"{name}: {told}\n{self._place.stack.logs(5)}")
        self._say(f"  {name}: {told['requests'] / told['seconds']:,.0f}/s, p50 {told['p50']:.2f} ms, p99 {told['p99']:.2f} ms")
        return {name: told["requests"] / told["seconds"], f"{name}_p50": told["p50"], f"{name}_p99": told["p99"],
                f"{name}_requests": told["requests"],
                **{f"{name}_{server}_us": 1000 * (after[server] - before[server]) / told["requests"] for server in after}}


def short_burst(place: DoorPlace, program: Path, codes: list[str]) -> float:
    """Check-ins a second of as many tickets as there are codes, all at once over 64 connections; then they are as before."""
    serials = range(1, len(codes) + 1)
    keys = [f"{{1}}:t:{serial}" for serial in serials]
    place.stack.redis("EVAL", "for _, key in ipairs(KEYS) do redis.call('COPY', key, key .. ':kept', 'REPLACE') end", str(len(keys)), *keys)
    url = place.stack.env["BASE_URL"]
    requests = [post(url, "/api/v1/checkin", {"code": code, "direction": "entry", "nonce": code},
                     Authorization=f"Bearer {place.stack.env['DEVICE_KEY']}") for code in codes]
    before = place.entered()
    answers = Load(program, url, [1e-6 * (i + 1) for i in range(len(codes))], requests, 64).start().end()
    entered = place.entered() - before
    place.stack.redis("EVAL", "for _, key in ipairs(KEYS) do redis.call('RENAME', key .. ':kept', key) end", str(len(keys)), *keys)
    if answers.statuses != {200: len(codes)} or entered != len(codes):
        raise RuntimeError(f"a burst: {answers.statuses}, {entered} admitted")
    return answers.per_second
