"""The time, CPU and memory that a command takes."""

import os
import re
import statistics
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

STOPWATCH = [sys.executable, "-I", "-S", str(Path(__file__).with_name("stopwatch.py"))]

# These variables would name another database.
ENVIRONMENT = {name: value for name, value in os.environ.items() if name not in ("DBMIGRATE_URL", "DATABASE_URL")}


class Failure(Exception):
    """A command failed, or two results that should be the same differ."""


@dataclass(frozen=True)
class Command:
    """A program's arguments, the file that it reads and the folder that it runs in."""

    arguments: list
    stdin: Path = Path(os.devnull)
    folder: Path | None = None


@dataclass(frozen=True)
class Usage:
    """The usage of one run, or the medians of several runs."""

    wall: float
    cpu: float
    memory: float
    trips: float = 0

    @staticmethod
    def together(usages):
        """Returns the usage of commands that run one after the other."""
        wall, cpu, memory = zip(*((usage.wall, usage.cpu, usage.memory) for usage in usages))
        return Usage(sum(wall), sum(cpu), max(memory))

    @staticmethod
    def median(usages):
        columns = zip(*((usage.wall, usage.cpu, usage.memory, usage.trips) for usage in usages))
        return Usage(*map(statistics.median, columns))


def measure(*commands):
    """Runs the commands one after the other; each must succeed."""
    return Usage.together([_measure(command) for command in commands])


def _measure(command):
    with open(command.stdin, "rb") as stdin, tempfile.TemporaryFile() as stderr:
        stopwatch = subprocess.run(
            [*STOPWATCH, *command.arguments],
            stdin=stdin, stdout=subprocess.PIPE, stderr=stderr, cwd=command.folder, env=ENVIRONMENT, check=True,
        )
        code, *numbers = stopwatch.stdout.split()
        if int(code) != 0:
            stderr.seek(0)
            raise Failure(_report(command, int(code), stderr.read()))
    return Usage(*map(float, numbers))


def answer(arguments, text=""):
    """Runs a program without measuring it, and returns what it prints."""
    result = subprocess.run(arguments, input=text.encode(), capture_output=True, env=ENVIRONMENT)
    if result.returncode != 0:
        raise Failure(_report(Command(arguments), result.returncode, result.stderr))
    return result.stdout.decode().strip()


def _report(command, code, stderr):
    shown = re.sub(r"(://[^:@/ ]*):[^@/ ]*@", r"\1@", " ".join(command.arguments))  # no passwords
    return f"{shown[:300]}\nexited with status {code}: {stderr.decode(errors='replace')[-2000:]}"
