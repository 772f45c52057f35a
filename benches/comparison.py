"""A comparison of dbmigrate with a client that does the same work."""

import sys
from dataclasses import dataclass

from usage import Failure, Usage, measure


@dataclass
class Contest:
    """The work that both sides do, and how to prepare the database before each run."""

    work: str
    engine: str
    client: str
    ours: list
    native: list
    prepare: object = lambda: None
    outcome: object = lambda: None  # must be the same for both sides
    proxy: object = None

    def hold(self, runs):
        """Runs both sides in turn, so that other load on the machine affects both."""
        ours, native, outcomes = [], [], []
        try:
            for run in range(1, runs + 1):
                for commands, usages in ((self.ours, ours), (self.native, native)):
                    usages.append(self._run(commands))
                    outcomes.append(self.outcome())
                    if outcomes[-1] != outcomes[0]:
                        raise Failure(f"{commands[0].arguments[0]} has left other rows than the first run")
                self._say(f"run {run} of {runs}: {ours[-1].wall:.3f} s, {self.client} {native[-1].wall:.3f} s")
        except Failure as failure:
            self._say(f"failed: {failure}")
            return Comparison(self)
        return Comparison(self, Usage.median(ours), Usage.median(native))

    def _run(self, commands):
        self.prepare()
        if not self.proxy:
            return measure(*commands)
        before = self.proxy.trips
        usage = measure(*commands)
        return Usage(usage.wall, usage.cpu, usage.memory, self.proxy.trips - before)

    def _say(self, text):
        print(f"{self.work}, {self.engine}: {text}", file=sys.stderr)


@dataclass(frozen=True)
class Comparison:
    """The medians of both sides, or neither of them if a run failed."""

    contest: Contest
    ours: Usage | None = None
    native: Usage | None = None
