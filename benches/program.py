"""The program that is measured."""

import json
import os
import subprocess
from pathlib import Path

from usage import Command, Failure, answer


class Program:
    """dbmigrate."""

    def __init__(self, path=None):
        self.path = str(Path(path).resolve() if path else build("build", "--release", "--bin", "dbmigrate"))
        self.version = answer([self.path, "--version"]).split()[1]
        self.size = os.path.getsize(self.path)

    def command(self, url, folder, *verb):
        return Command([self.path, "--url", url, "--dir", str(folder), *verb], folder=folder)


def built_test(name):
    """Compiles a bench that consists of tests, and returns the folder to run it in."""
    root = Path(__file__).parent.parent
    build = ["cargo", "nextest", "run", "--release", "--locked", "--bench", name, "--no-run"]
    if subprocess.run(build, cwd=root).returncode != 0:
        raise Failure(f"{' '.join(build)} failed")
    return root


def build(*arguments):
    """Returns the path of the program that cargo builds; the last argument is its name."""
    root = Path(__file__).parent.parent
    built = subprocess.run(["cargo", *arguments, "--locked", "--message-format=json"], cwd=root, stdout=subprocess.PIPE)
    if built.returncode != 0:
        raise Failure(f"cargo {' '.join(arguments)} failed")
    messages = map(json.loads, built.stdout.splitlines())
    built = (message for message in messages if message.get("executable"))
    return next(message["executable"] for message in built if message["target"]["name"] == arguments[-1])
