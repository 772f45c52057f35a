"""Benchmarks of one run over many databases."""

import glob
import shutil

import script
from comparison import Contest
from usage import Command, Failure, answer, measure

PARALLEL = 16


class Fleet:
    """Many databases, and a configuration that names them."""

    def __init__(self, program, folder, count):
        self.program, self.folder, self.count = program, folder, count
        self.folder.mkdir()
        self.scripts = script.write_folder(self.folder / "migrations", script.small(11))

    def command(self, verb="upgrade"):
        limits = [f"--parallel={PARALLEL}", f"--parallel-per-server={PARALLEL}"]
        return Command([self.program.path, "fleet", verb, *limits], folder=self.folder)

    def configure(self, source):
        (self.folder / "dbmigrate.toml").write_text(f"[fleet.all]\n{source}\n")

    def each(self, names, command):
        """Returns the command that runs another for each name, as many at a time as we do."""
        file = self.folder / "names"
        file.write_text("".join(f"{name}\n" for name in names))
        return Command(["xargs", f"-P{PARALLEL}", "-I{}", *command], stdin=file, folder=self.folder)


def of_files(program, sqlite, folder, count):
    """Nothing to do in many files."""
    fleet = Fleet(program, folder, count)
    data = fleet.folder / "data"
    data.mkdir()
    names = [f"data/t{number:05}.db" for number in range(count)]
    for name in names:
        (fleet.folder / name).touch()
    fleet.configure('files = "data/*.db"')
    measure(fleet.command())
    native = fleet.each(names, ["sqlite3", "{}", "SELECT max(number) FROM dbmigrate_journal"])
    work = f"fleet, nothing pending in {count:,} databases"
    yield Contest(work, sqlite.product, "xargs sqlite3", [fleet.command()], [native])


def of_server(program, postgres, folder, count):
    """Nothing to do, and ten scripts, in many databases of a server."""
    fleet = Fleet(program, folder, count)
    names = [f"dbmigrate_fleet_{number:05}" for number in range(count)]
    server = postgres.server._replace(path="/")
    url = postgres.server.geturl()
    listed = r'databases = { target = "server", like = "dbmigrate\\_fleet\\_%" }'
    fleet.configure(f'{listed}\n[target.server]\nurl = "{url}"')

    def on_server(sql):
        answer(["psql", url, "-A", "-q", "-t", "-X"], sql)

    def drop():
        on_server("".join(f"DROP DATABASE IF EXISTS {name} WITH (FORCE);\n" for name in names))

    def create():
        drop()
        on_server("".join(f"CREATE DATABASE {name};\n" for name in names))

    whole = script.concatenate(fleet.scripts, fleet.folder / "whole.sql")
    psql = ["psql", f"{server.geturl()}{{}}", "-1", "-q", "-X", "-v", "ON_ERROR_STOP=1", "-f", str(whole)]
    native = fleet.each(names, psql)
    try:
        work = f"fleet, 11 scripts in {count:,} databases"
        yield Contest(work, postgres.product, "xargs psql", [fleet.command()], [native], create)
        create()
        measure(fleet.command())
        query = fleet.folder / "query.sql"
        query.write_text("SELECT max(number) FROM dbmigrate_journal;\n")
        connections = ["-C", f"-c{PARALLEL}", "-j2", f"-t{max(1, count // PARALLEL)}"]
        connects = [_pgbench(), "-n", *connections, "-f", str(query), f"{server.geturl()}{names[0]}"]
        work = f"fleet, nothing pending in {count:,} databases"
        yield Contest(work, postgres.product, "pgbench -C", [fleet.command()], [Command(connects)])
    finally:
        drop()


def _pgbench():
    """Debian keeps it beside the server, outside PATH."""
    found = shutil.which("pgbench") or next(iter(sorted(glob.glob("/usr/lib/postgresql/*/bin/pgbench"))), None)
    if not found:
        raise Failure("missing: pgbench")
    return found
