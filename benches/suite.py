"""The benchmarks."""

import functools

import fleet
import script
import template
from comparison import Contest
from proxy import Proxy
from usage import Command, measure

MB = 1_000_000


class Suite:
    """The benchmarks. Each yields contests; hold each contest before you take the next one."""

    def __init__(self, program, engines, folder, scale, full):
        self.program = program
        self.sqlite, self.postgres, self.mariadb = self.engines = engines
        self.folder = folder
        self.scale = scale
        self.sizes = [self.scaled(size * MB) for size in ([200, 1000] if full else [200])]

    def scaled(self, number):
        return max(10, int(number * self.scale))

    def benchmarks(self):
        return {
            1: self.empty_database,
            2: self.nothing_pending,
            3: self.one_pending,
            4: self.large_baseline,
            5: self.far_away,
            7: self.start,
            8: self.described,
            9: self.objects,
            10: self.fleets,
            11: self.templates,
        }

    # --- many scripts --------------------------------------------------------

    def empty_database(self):
        for engine in self.engines:
            folder, whole = self._mixed(engine, self.scaled(1000))
            work = f"{_count(folder)} scripts on an empty database"
            yield self._against(engine, work, [self._upgrade(engine, folder)], engine.native(whole))
            folder, whole = self._plain(engine, self.scaled(1000))
            yield self._against(engine, self._of_plain(folder), [self._upgrade(engine, folder)], engine.native(whole))

    def nothing_pending(self):
        for engine in (self.postgres, self.sqlite):
            folder = self._applied(engine)
            engine.restore()
            measure(self._upgrade(engine, folder))
            native = self._looking(engine, folder)
            for verb in ("upgrade", "status"):
                work = f"`{verb}`, nothing pending of {_count(folder)}"
                ours = [self.program.command(engine.url(), folder, verb)]
                yield Contest(work, engine.product, _looks(engine), ours, native)

    def one_pending(self):
        for engine in (self.postgres, self.sqlite):
            folder = self._applied(engine)
            work = f"one pending of {_count(folder)}"
            native = self._looking(engine, folder, script.in_order(folder)[-1].read_text())
            ours = [self._upgrade(engine, folder)]
            yield Contest(work, engine.product, _looks(engine), ours, native, engine.restore, engine.counts)

    def objects(self):
        count = self.scaled(500)
        for engine in self.engines:
            folder = self.folder / f"objects-{engine.dialect}"
            whole = self.folder / f"objects-{engine.dialect}.sql"
            whole.write_text("".join(script.write_objects(folder, engine.dialect, count)))
            work = f"{count:,} objects in files, in another order than that of their names"
            yield self._against(engine, work, [self._upgrade(engine, folder)], engine.native(whole))

    def templates(self):
        folder = self._plain(self.sqlite, self.scaled(1000))[0]
        for engine, contests in ((self.sqlite, template.of_files), (self.postgres, template.of_server)):
            def apply(engine=engine):
                engine.empty()
                measure(self._upgrade(engine, folder))

            yield from contests(self.program, engine, self.folder / f"template-{engine.dialect}", folder, apply)

    def fleets(self):
        yield from fleet.of_files(self.program, self.sqlite, self.folder / "fleet-files", self.scaled(1000))
        yield from fleet.of_server(self.program, self.postgres, self.folder / "fleet-server", self.scaled(200))

    # --- the schema ----------------------------------------------------------

    def described(self):
        count = self.scaled(1000)
        for engine in self.engines:
            folder = script.write_folder(self.folder / f"tables-{engine.dialect}", [script.tables(count)])
            engine.empty()
            measure(self._upgrade(engine, folder))
            native, client = engine.schema()
            work = f"`verify`, {count:,} tables with {2 * count:,} indexes"
            ours = [self.program.command(engine.url(), folder, "verify")]
            yield Contest(work, engine.product, client, ours, [native])

    # --- large baselines -----------------------------------------------------

    def large_baseline(self):
        for size in self.sizes:
            for rows, form in ((script.ROWS, f"{script.ROWS} rows an INSERT"), (1, "one row an INSERT")):
                folder = script.write_baseline(self.folder / f"baseline-{size}-{rows}", size, rows)
                for engine in self.engines:
                    yield self._baseline(engine, folder, form)
                (folder / "Baseline.sql").unlink()
            folder = self._dump(size)
            yield self._baseline(self.postgres, folder, "`pg_dump` with COPY")
            (folder / "Baseline.sql").unlink()

    def _baseline(self, engine, folder, form):
        file = folder / "Baseline.sql"
        work = f"baseline of {file.stat().st_size / MB:,.0f} MB, {form}"
        return self._against(engine, work, [self._upgrade(engine, folder)], engine.native(file))

    def _dump(self, size):
        folder = self.folder / f"dump-{size}"
        folder.mkdir()
        self.postgres.empty()
        self.postgres.ask(script.rows_to_dump(size))
        self.postgres.dump(folder / "Baseline.sql")
        return folder

    # --- a network, starting ------------------------------------------------

    def far_away(self):
        for engine in (self.postgres, self.mariadb):
            mixed, plain = self._mixed(engine, self.scaled(100)), self._plain(engine, self.scaled(100))
            for (folder, whole), work in ((mixed, f"{_count(mixed[0])} scripts"), (plain, self._of_plain(plain[0]))):
                with Proxy(engine.address) as proxy:
                    ours = [self._upgrade(engine, folder, proxy.port)]
                    yield self._against(engine, f"{work}, 5 ms away", ours, engine.native(whole, proxy.port), proxy)

    def start(self):
        ours, native = ([Command([program, "--version"])] for program in (self.program.path, "psql"))
        yield Contest("`--version`", "-", "psql", ours, native)

    # --- what they have in common --------------------------------------------

    def _upgrade(self, engine, folder, *port):
        return self.program.command(engine.url(*port), folder, "upgrade", *engine.options)

    def _against(self, engine, work, ours, native, proxy=None):
        return Contest(work, engine.product, engine.client, ours, [native], engine.empty, engine.counts, proxy)

    @functools.cache
    def _mixed(self, engine, count):
        name = f"mixed-{engine.dialect}-{count}"
        folder = script.write_folder(self.folder / name, script.mixed(engine.dialect, count))
        return folder, script.concatenate(folder, self.folder / f"{name}.sql")

    @functools.cache
    def _plain(self, engine, count):
        name = f"plain-{engine.dialect}-{count}"
        baseline, scripts = script.plain(count)
        folder = script.write_folder(self.folder / name, scripts, baseline)
        return folder, script.concatenate(folder, self.folder / f"{name}.sql")

    def _of_plain(self, folder):
        return f"{_count(folder)} scripts of one statement, a baseline among them"

    @functools.cache
    def _applied(self, engine):
        """Returns a folder of many scripts; the engine keeps a database that lacks the last one."""
        count = self.scaled(10_000)
        folder = script.write_folder(self.folder / f"small-{engine.dialect}", script.small(count))
        engine.empty()
        measure(self.program.command(engine.url(), folder, "upgrade", *engine.options, f"--to={count - 1}"))
        engine.keep()
        return folder

    def _looking(self, engine, folder, sql=""):
        """Returns commands that do the minimum: read what is needed to see what is pending, and run the pending SQL."""
        file = self.folder / f"look-{engine.dialect}-{len(sql)}.sql"
        file.write_text(f"SELECT number, checksum FROM dbmigrate_journal;\n{sql}")
        names = [path.name for path in script.in_order(folder)]
        return [Command(["sha256sum", *names], folder=folder), engine.native(file)]


def _count(folder):
    return f"{sum(1 for _ in folder.iterdir()):,}"


def _looks(engine):
    return f"sha256sum and {engine.client}"
