"""The speed of splitting texts into statements, compared with the speed of sha256sum."""

import statistics
import sys
from dataclasses import dataclass

import script
from program import build
from usage import Command, answer, measure

MB = 1_000_000
DIALECTS = ("sqlite", "postgres", "mysql", "sqlserver")


@dataclass(frozen=True)
class Throughput:
    """The medians of both sides, in MB/s."""

    dialect: str
    size: float
    ours: float
    native: float


def throughputs(folder, size, runs):
    """Yields the throughput of each dialect in turn."""
    splitter = build("bench", "--no-run", "--bench", "split")
    baseline = script.write_baseline(folder / "split", size, script.ROWS) / "Baseline.sql"
    batches = script.write_batches(folder / "batches.sql", size)
    for dialect in DIALECTS:
        yield _throughput(splitter, dialect, batches if dialect == "sqlserver" else baseline, runs)


def _throughput(splitter, dialect, file, runs):
    size = file.stat().st_size / MB
    ours, native = [], []
    for _ in range(runs):
        ours.append(float(answer([splitter, dialect, str(file)]).split()[0]))
        native.append(size / measure(Command(["sha256sum", str(file)])).wall)
    print(f"splitting, {dialect}: {ours} MB/s, sha256sum {native} MB/s", file=sys.stderr)
    return Throughput(dialect, size, statistics.median(ours), statistics.median(native))
