"""What one round measures, on our side and on the old way's, and the medians of several."""

import statistics
from dataclasses import dataclass, field

from load import Answers

SOON_MS = 250.0     # p99 of what counts as answered in time
SCANS = 200.0       # a second, at the door
TAKEN = (201, 202)
OLD_WAYS = {"old": "the old way", "old_raw": "the old way with psycopg2 alone"}


@dataclass
class Round:
    figures: dict[str, float] = field(default_factory=dict)
    statuses: dict[int, int] = field(default_factory=dict)


def ladder(road, rates: list[float], seconds: float, say) -> dict[str, float]:
    """The highest rate at which everybody is taken and p99 stays under the limit."""
    best = {"sustained": 0.0, "sustained_p50": float("nan"), "sustained_p99": float("nan")}
    for rate in rates:
        before = road.applied()
        answers = road.applications(rate, seconds).start().end()
        road.wait_until_decided(before + sum(answers.statuses.get(status, 0) for status in TAKEN))
        road.drop_mails()
        p99 = answers.percentile(0.99)
        say(f"  offered {rate:g}/s: {_told(answers)}")
        if p99 > SOON_MS or not answers.all_are(*TAKEN):
            break
        best = {"sustained": answers.per_second, "sustained_p50": answers.percentile(0.5), "sustained_p99": p99}
    return best


def burst(road, rate: float, seconds: float, say) -> Round:
    """Everybody at once, with people at the door: before the burst and during it."""
    quiet = road.scans(SCANS, seconds).start().end()
    before, times, mails = road.applied(), road.processor_time(), road.mails_sent()
    applications, scans = road.applications(rate, seconds), road.scans(SCANS, seconds)
    applications.start(), scans.start()
    answers, busy = applications.end(), scans.end()
    taken = sum(answers.statuses.get(status, 0) for status in TAKEN)
    road.wait_until_decided(before + taken)
    spent = {name: (now - times[name]) / max(1, taken) for name, now in road.processor_time().items()}
    mails = road.mails_sent() - mails
    road.drop_mails()
    say(f"  burst of {answers.count} at {rate:g}/s: {_told(answers)}, {mails} mails meanwhile")
    say(f"  check-ins: p99 {quiet.percentile(.99):.1f} ms without it, {busy.percentile(.99):.1f} ms in it")
    figures = {"answered": answers.per_second, "p50": answers.percentile(.5), "p99": answers.percentile(.99),
               "mails_meanwhile": mails, "scan_p99_quiet": quiet.percentile(.99),
               "scan_p99_burst": busy.percentile(.99), **{f"cpu_{name}": value for name, value in spent.items()}}
    return Round(figures, answers.statuses)


def flood(road, rate: float, seconds: float, say) -> dict[str, float]:
    """More than can be decided meanwhile: how fast the road is when it has always something to do."""
    before = road.applied()
    answers = road.applications(rate, seconds).start().end()
    road.wait_until_decided(before + sum(answers.statuses.get(status, 0) for status in TAKEN))
    committed = road.committed_per_second(before)
    road.drop_mails()
    say(f"  flood of {answers.count} at {rate:g}/s: {_told(answers)}, {committed:.0f} committed/s")
    return {"committed": committed, "flood_answered": answers.per_second}


def old(old_way, way: str, workers: int, rate: float, seconds: float, say) -> dict[str, float]:
    answers, spent = old_way.measure(way, workers, rate, seconds)
    say(f"  {OLD_WAYS[way]}, {workers} workers: {_told(answers)}")
    return {way: answers.statuses.get(201, 0) / answers.seconds,
            **{f"{way}_cpu_{name}": value for name, value in spent.items()}}


def medians(rounds: list[Round]) -> dict[str, float]:
    names = rounds[0].figures.keys()
    return {name: statistics.median(one.figures[name] for one in rounds) for name in names}


def _told(answers: Answers) -> str:
    statuses = ", ".join(f"{count} × {status or 'nothing'}" for status, count in sorted(answers.statuses.items()))
    return (f"{answers.per_second:.0f} answered/s ({statuses}), p50 {answers.percentile(.5):.1f} ms, "
            f"p99 {answers.percentile(.99):.1f} ms")
