"""The benchmarks: dbmigrate compared with the databases' own clients. `scripts/bench.sh` runs them with servers."""

import argparse
import signal
import sys
import tempfile
from pathlib import Path

import report
import usage
from engine import Mariadb, Postgres, Sqlite
from program import Program
from suite import MB, Suite
from throughput import throughputs
from usage import Failure

SPLITTING = 6

USAGE = """\
1  1,000 scripts on an empty database, of several statements each and of one
2  nothing to do, 10,000 scripts applied
3  one pending of 10,000
4  baselines of 200 MB: INSERTs of 100 rows, of one row, and COPY
5  100 scripts on a server that is 5 ms away, with round trips
6  splitting 200 MB into statements
7  starting the program
8  verifying 1,000 tables with 2,000 indexes
9  500 objects in files
10 a fleet: 1,000 files, 200 databases of a server
11 rebuilds from a template; 200 tests with a database each (needs cargo-nextest)

The results are printed as Markdown, ratios first: below 1, dbmigrate is faster or needs less. The clients run
the same SQL, in one transaction except on MariaDB. Both sides run in turn, and must leave the same rows.
CPU and memory are those of the client's process; memory is its peak.
"""


def arguments():
    parser = argparse.ArgumentParser(
        prog="scripts/bench.sh", epilog=USAGE, formatter_class=argparse.RawDescriptionHelpFormatter, description=__doc__
    )
    parser.add_argument("--only", type=numbers, default=set(range(1, 12)), metavar="N,...", help="run these only")
    parser.add_argument("--runs", type=int, default=5, metavar="N", help="how often each side runs [5]")
    parser.add_argument("--full", action="store_true", help="also baselines of 1 GB")
    parser.add_argument("--scale", type=float, default=1, metavar="X", help="the fraction of the work to do [1]")
    parser.add_argument("--bin", metavar="PATH", help="the dbmigrate to measure [built with cargo build --release]")
    return parser.parse_args()


def numbers(text):
    chosen = {int(number) for number in text.split(",")}
    if not chosen <= set(range(1, 12)):
        raise argparse.ArgumentTypeError("the benchmarks are numbered from 1 to 11")
    return chosen


def main(options):
    program = Program(options.bin)
    with tempfile.TemporaryDirectory(prefix="dbmigrate-bench.") as temp:
        usage.ENVIRONMENT["XDG_CACHE_HOME"] = temp  # for templates
        engines = [Sqlite(Path(temp)), Postgres(), Mariadb()]
        suite = Suite(program, engines, Path(temp), options.scale, options.full)
        report.print_conditions(program, engines, options.runs)
        try:
            failed = compare(suite, options)
        finally:
            for engine in engines:
                engine.drop()
        if SPLITTING in options.only:
            split(suite, options.runs)
    return failed


def compare(suite, options):
    chosen = [contests for number, contests in suite.benchmarks().items() if number in options.only]
    failed = False
    if chosen:
        report.print_head(report.HEAD)
    for contests in chosen:
        for contest in contests():
            result = contest.hold(options.runs)
            report.print_comparison(result)
            failed = failed or not result.ours
    return failed


def split(suite, runs):
    report.print_head(report.SPLITTING)
    for result in throughputs(suite.folder, suite.scaled(200 * MB), runs):
        report.print_throughput(result)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that the temporary files are removed
    try:
        sys.exit(main(arguments()))
    except Failure as failure:
        sys.exit(f"bench.sh: error: {failure}")
