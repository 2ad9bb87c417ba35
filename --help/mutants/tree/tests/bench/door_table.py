"""The door's figures beside their floors and goals."""

# name: (text, unit, floor, goal, whether less is better)
ROWS = {
    "always_64_ratio": ("requests a second ÷ `return 200`, 64 connections", "", 0.40, 0.65, False),
    "always_256_ratio": ("requests a second ÷ `return 200`, 256 connections", "", 0.40, 0.65, False),
    "instructions_ratio": ("nginx's instructions ÷ `return 200`, user space", "", 1.35, 1.20, True),
    "redis_instructions": ("Redis's instructions a check-in, batches of 32", "", 26_000, 16_000, True),
    "lua_64_times": ("× lua-nginx-module, 64 connections", " ×", 2.0, 3.0, False),
    "lua_256_times": ("× lua-nginx-module, 256 connections", " ×", 2.0, 3.0, False),
    "old_times": ("× Flask with PostgreSQL", " ×", 20, 40, False),
    "open_p99": ("p99 with arrival times fixed in advance, 64 connections", " ms", 8, 4, True),
    "flat": ("slowest ÷ fastest cache of 1,000, 100,000 and all tickets", "", 0.85, 1.0, False),
    "bytes": ("Redis's bytes a ticket before any scan", "", 250, 150, True),
    "rebuild": ("rebuild, tickets a second", "", 50_000, 200_000, False),
}


def judged(figures: dict) -> list[str]:
    """The names of the floors that were missed."""
    return [name for name, (_, _, floor, _, less) in ROWS.items()
            if name in figures and (figures[name] > floor if less else figures[name] < floor)]


def print_table(result: dict) -> None:
    figures = result["figures"]
    print(f"\n{result['cores']} cores, load average {', '.join(f'{load:.1f}' for load in result['load'])}; {result['tickets']:,} tickets; "
          f"medians of {len(result['rounds'])} rounds of {result['seconds']:g} s\n")
    print("| | measured | floor | goal |\n| --- | ---: | ---: | ---: |")
    for name, (text, unit, floor, goal, _) in ROWS.items():
        if name in figures:
            print(f"| {text} | {_number(figures[name])}{unit}{' **missed**' if name in result['missed'] else ''} | {_number(floor)} | {_number(goal)} |")
    print("\n| 64 / 256 connections | requests/s | p50 ms | p99 ms | nginx µs | Redis µs |\n| --- | ---: | ---: | ---: | ---: | ---: |")
    for name, text in (("plain", "`return 200`"), ("always", "check-in, fsync always"), ("everysec", "check-in, fsync everysec"),
                       ("lua", "lua-nginx-module, fsync always")):
        cells = [" / ".join(_number(figures[f"{name}_{connections}{part}"]) for connections in (64, 256))
                 if f"{name}_64{part}" in figures else "" for part in ("", "_p50", "_p99", "_nginx_us", "_redis_us")]
        print(f"| {text} | {' | '.join(cells)} |")
    print(f"| Flask, gunicorn, PostgreSQL (64) | {_number(figures['old'])} | | | | |")
    print(f"| redis-benchmark, the function, a scan each (64) | {_number(figures['function'])} | | | | |")
    print(f"\nAt {result['rate']:,.0f} scans a second p50 is {figures['open_p50']:.2f} ms. " +
          ", ".join(f"{count:,} tickets: {rate:,.0f}/s" for count, rate in figures["bursts"].items()) + " in bursts of 1,000.")
    if "nginx_instructions" in figures:
        print(f"Instructions of nginx: {figures['nginx_instructions']:,.0f} a check-in, {figures['plain_instructions']:,.0f} for `return 200`.")
    if result["does_not_count"]:
        print("This run does not count, the machine was not free: " + "; ".join(result["does_not_count"]) + ".")
    elif result["missed"]:
        print("Floors missed: " + ", ".join(result["missed"]) + ".")


def _number(value: float) -> str:
    return f"{value:,.2f}" if abs(value) < 100 else f"{value:,.0f}"
