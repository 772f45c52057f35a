"""The databases: how to empty each one, and how to run a script with its own client."""

import os
import re
import shutil
from urllib.parse import urlsplit

from usage import Command, answer

DATABASE = "dbmigrate_bench"
JOURNALS = ["dbmigrate_journal", "dbmigrate_journal_objects", "dbmigrate_journal_schema"]


class Engine:
    """A database for the benchmarks, and the client of its product."""

    options = []  # for the upgrade of an empty database

    def counts(self):
        """Returns the number of rows of each table, without the journal."""
        names = [name for name in self.ask(self.TABLES).split() if name not in JOURNALS]
        return self.ask("".join(f"SELECT '{name}', count(*) FROM {name};\n" for name in names))


class Sqlite(Engine):
    product, client, dialect = "SQLite", "sqlite3", "sqlite"
    options = ["--create-database"]
    TABLES = "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name;"

    def __init__(self, folder):
        self.file, self.kept = folder / "bench.db", folder / "kept.db"
        self.versions = {"sqlite3": answer(["sqlite3", "--version"]).split()[0]}

    def url(self):
        return f"sqlite:{self.file}"

    def empty(self):
        for suffix in ("", "-journal", "-wal", "-shm"):
            self.file.with_name(self.file.name + suffix).unlink(missing_ok=True)

    def drop(self):
        self.empty()

    def keep(self):
        shutil.copyfile(self.file, self.kept)

    def restore(self):
        self.empty()
        shutil.copyfile(self.kept, self.file)

    def ask(self, sql):
        return answer(["sqlite3", "-bail", "-batch", str(self.file)], sql)

    def schema(self):
        """Returns the command that writes the schema as SQL, and the name of its program."""
        return Command(["sqlite3", str(self.file), ".schema"]), "sqlite3 .schema"

    def native(self, script):
        """Returns the command that runs the script in one transaction."""
        return Command(["sqlite3", "-bail", "-batch", str(self.file), "BEGIN", f'.read "{script}"', "COMMIT"])


class Server(Engine):
    """A database server that listens on an address, possibly behind a proxy."""

    def __init__(self, variable, port):
        self.server = urlsplit(os.environ[variable])
        self.address = (self.server.hostname, self.server.port or port)

    def url(self, port=None):
        server = self.server._replace(path=f"/{DATABASE}")
        if port:
            server = server._replace(netloc=f"{server.netloc.rpartition('@')[0]}@127.0.0.1:{port}")
        return server.geturl()


class Postgres(Server):
    product, client, dialect, name = "PostgreSQL", "psql", "postgres", DATABASE
    TABLES = "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace ORDER BY 1;"

    def __init__(self):
        super().__init__("DBMIGRATE_TEST_POSTGRES_URL", 5432)
        self.versions = {
            "PostgreSQL": answer(self._psql(self.server.geturl()), "SHOW server_version;").split()[0],
            "psql": answer(["psql", "--version"]).split()[2],
        }

    def empty(self):
        self._create(DATABASE, "template1")

    def keep(self):
        self._create(f"{DATABASE}_kept", DATABASE)

    def restore(self):
        self._create(DATABASE, f"{DATABASE}_kept")

    def drop(self):
        for name in (DATABASE, f"{DATABASE}_kept"):
            self._on_server(f"DROP DATABASE IF EXISTS {name} WITH (FORCE);")

    def ask(self, sql):
        return answer(self._psql(self.url()), sql)

    def native(self, script, port=None):
        """Returns the command that runs the script in one transaction."""
        return Command(["psql", self.url(port), "-1", "-q", "-X", "-v", "ON_ERROR_STOP=1", "-f", str(script)])

    def schema(self):
        return Command(["pg_dump", "--schema-only", self.url()]), "pg_dump --schema-only"

    def dump(self, file):
        answer(["pg_dump", f"--file={file}", self.url()])

    def _create(self, name, template):
        self._on_server(f"DROP DATABASE IF EXISTS {name} WITH (FORCE);\nCREATE DATABASE {name} TEMPLATE {template};")

    def _on_server(self, sql):
        answer(self._psql(self.server.geturl()), sql)

    def _psql(self, url):
        return ["psql", url, "-A", "-q", "-t", "-X", "-v", "ON_ERROR_STOP=1"]


class Mariadb(Server):
    """MariaDB, or MySQL if the tests use that."""

    dialect = "mysql"
    TABLES = (
        "SELECT table_name FROM information_schema.tables "
        f"WHERE table_schema = '{DATABASE}' AND table_type = 'BASE TABLE' ORDER BY 1;"
    )

    def __init__(self):
        super().__init__("DBMIGRATE_TEST_MYSQL_URL", 3306)
        self.program = os.environ["DBMIGRATE_TEST_MYSQL_CLIENT"]
        defaults = os.environ["DBMIGRATE_TEST_MYSQL_DEFAULTS_FILE"]
        self.base = [self.program, f"--defaults-file={defaults}", "--batch", "--skip-column-names"]
        version = answer(self.base, "SELECT VERSION();")
        self.product = "MariaDB" if "MariaDB" in version else "MySQL"
        self.client = os.path.basename(self.program)
        self.dump_program = [os.environ["DBMIGRATE_TEST_MYSQL_DUMP"], f"--defaults-file={defaults}"]
        self.versions = {self.product: version.partition("-")[0], self.client: self._client_version()}

    def empty(self):
        self.drop()
        answer(self.base, f"CREATE DATABASE {DATABASE} CHARACTER SET utf8mb4;")

    def drop(self):
        answer(self.base, f"DROP DATABASE IF EXISTS {DATABASE};")

    def ask(self, sql):
        return answer([*self.base, DATABASE], sql)

    def native(self, script, port=None):
        address = ["--host=127.0.0.1", f"--port={port}"] if port else []
        return Command([*self.base, *address, DATABASE], stdin=script)

    def schema(self):
        name = os.path.basename(self.dump_program[0])
        return Command([*self.dump_program, "--no-data", DATABASE]), f"{name} --no-data"

    def _client_version(self):
        return re.findall(r"\d+\.\d+\.\d+", answer([self.program, "--version"]))[-1]
