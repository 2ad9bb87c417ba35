"""How often each fault strikes: enough for CI by default, all of it with MOGIRI_FAULTS=full."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Amounts:
    kills: int             # of each server
    kill_tickets: int
    crashes: int           # at each named place
    slow_syncs: int
    losses: int            # of Redis's data, each way
    stops: int             # SIGSTOP of each server
    reloads: int
    aborts: int            # of clients
    power_cuts: int
    full_disks: int        # of each kind
    faulty_mails: int
    mail_kills: int
    quiet_seconds: float   # at most, for what was taken to be mailed


CI = Amounts(kills=5, kill_tickets=2_000, crashes=1, slow_syncs=3, losses=1, stops=1, reloads=20, aborts=5_000,
             power_cuts=2, full_disks=1, faulty_mails=500, mail_kills=3, quiet_seconds=180)
FULL = Amounts(kills=50, kill_tickets=20_000, crashes=20, slow_syncs=50, losses=20, stops=10, reloads=1_000,
               aborts=100_000, power_cuts=100, full_disks=10, faulty_mails=20_000, mail_kills=50, quiet_seconds=1_800)
