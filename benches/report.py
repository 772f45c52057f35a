"""The results as Markdown."""

import datetime
import os
import platform

HEAD = """
| work | database | against | wall | CPU | memory | round trips | dbmigrate | the other |
|---|---|---|---|---|---|---|---|---|"""

SPLITTING = """
| splitting | MB | MB/s, sha256sum = 1 | dbmigrate MB/s | sha256sum MB/s |
|---|---|---|---|---|"""


def print_conditions(program, engines, runs):
    versions = {name: version for engine in engines for name, version in engine.versions.items()}
    listed = ", ".join(f"{name} {version}" for name, version in versions.items())
    _say(f"{datetime.date.today()}: dbmigrate {program.version} ({program.size / 1e6:.1f} MB), {listed}.")
    _say(f"{_machine()}. Medians of {runs} runs of each side; both sides ran in turn.")


def print_comparison(result):
    row = [result.contest.work, result.contest.engine, result.contest.client]
    if result.ours:
        row += [*_ratios(result.ours, result.native), _amounts(result.ours), _amounts(result.native)]
    else:
        row += ["failed", *[""] * 5]
    _row(row)


def print_throughput(result):
    ratio = f"{result.ours / result.native:.2f}"
    _row([result.dialect, f"{result.size:.0f}", ratio, f"{result.ours:.0f}", f"{result.native:.0f}"])


def print_head(head):
    _say(head)


def _ratios(ours, native):
    pairs = [(ours.wall, native.wall), (ours.cpu, native.cpu), (ours.memory, native.memory), (ours.trips, native.trips)]
    return [f"{mine / other:.2f}" if other else "-" for mine, other in pairs]


def _amounts(usage):
    amounts = [_seconds(usage.wall), _seconds(usage.cpu), f"{usage.memory / 1e6:.0f} MB"]
    return ", ".join(amounts + ([f"{usage.trips:.0f} trips"] if usage.trips else []))


def _seconds(seconds):
    return f"{seconds:.2f} s" if seconds >= 1 else f"{seconds * 1000:.1f} ms"


def _machine():
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return f"{_processor()}, {os.cpu_count()} cores, {memory:.0f} GiB, Linux {platform.release()}"


def _processor():
    with open("/proc/cpuinfo") as file:
        names = [line.partition(":")[2].strip() for line in file if line.startswith("model name")]
    return names[0] if names else platform.machine()


def _row(cells):
    _say("| " + " | ".join(cells) + " |")


def _say(text):
    print(text, flush=True)
