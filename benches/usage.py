"""What a command takes: time, CPU and memory."""

import os
import re
import statistics
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

STOPWATCH = [sys.executable, "-I", "-S", str(Path(__file__).with_name("stopwatch.py"))]

# They would name another database than the one that is meant.
ENVIRONMENT = {name: value for name, value in os.environ.items() if name not in ("DBMIGRATE_URL", "DATABASE_URL")}


class Failure(Exception):
    """A command failed, or two that should agree do not."""


@dataclass(frozen=True)
class Command:
    """A program's arguments, the file that it reads and the folder that it runs in."""

    arguments: list
    stdin: Path = Path(os.devnull)
    folder: Path | None = None


@dataclass(frozen=True)
class Usage:
    """What one run took, or the medians of several."""

    wall: float
    cpu: float
    memory: float
    trips: float = 0

    @staticmethod
    def together(usages):
        """Of commands that run one after the other."""
        wall, cpu, memory = zip(*((usage.wall, usage.cpu, usage.memory) for usage in usages))
        return Usage(sum(wall), sum(cpu), max(memory))

    @staticmethod
    def median(usages):
        columns = zip(*((usage.wall, usage.cpu, usage.memory, usage.trips) for usage in usages))
        return Usage(*map(statistics.median, columns))


def measure(*commands):
    """Runs the commands one after the other; each has to succeed."""
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
    """What a program prints that is not measured."""
    result = subprocess.run(arguments, input=text.encode(), capture_output=True, env=ENVIRONMENT)
    if result.returncode != 0:
        raise Failure(_report(Command(arguments), result.returncode, result.stderr))
    return result.stdout.decode().strip()


def _report(command, code, stderr):
    shown = re.sub(r"(://[^:@/ ]*):[^@/ ]*@", r"\1@", " ".join(command.arguments))  # no passwords
    return f"{shown[:300]}\nended with {code}: {stderr.decode(errors='replace')[-2000:]}"
