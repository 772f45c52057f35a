"""Rebuilds from a template, and a database for each test."""

from comparison import Contest
from program import built_test
from usage import Command, measure


def of_files(program, sqlite, folder, scripts, apply):
    """A rebuild of a file, against reading the scripts, a copy and its way to the disk."""
    rebuild = program.command(sqlite.url(), scripts, "rebuild", "--quiet")
    apply()
    measure(rebuild)  # it keeps the template
    copy = sqlite.file.with_name("copy.db")
    names = sorted(str(file) for file in scripts.iterdir())
    native = [
        Command(["sha256sum", *names]),
        Command(["cp", str(sqlite.file), str(copy)]),
        Command(["sync", str(copy)]),
    ]
    yield Contest(_work(names), sqlite.product, "sha256sum, cp and sync", [rebuild], native, outcome=sqlite.counts)


def of_server(program, postgres, folder, scripts, apply):
    """A rebuild on a server, against a copy by its own programs that takes the place of the database."""
    folder.mkdir()
    name, new, old = postgres.name, f"{postgres.name}_new", f"{postgres.name}_old"
    configuration = f'[target.bench]\nurl = "{postgres.url()}"\ndir = "{scripts}"\ndevelopment = true\n'
    (folder / "dbmigrate.toml").write_text(configuration)
    rebuild = Command([program.path, "rebuild", "--quiet"], folder=folder)
    apply()
    postgres.keep()
    measure(rebuild)  # it keeps the template
    server = f"--maintenance-db={postgres.server.geturl()}"
    names = f"ALTER DATABASE {name} RENAME TO {old}; ALTER DATABASE {new} RENAME TO {name}"
    native = [
        Command(["createdb", server, "-T", f"{name}_kept", new]),
        Command(["psql", postgres.server.geturl(), "-q", "-X", "-v", "ON_ERROR_STOP=1", "-c", names]),
        Command(["dropdb", server, old]),
    ]
    client = "createdb -T, a rename and dropdb"
    work = _work(list(scripts.iterdir()))
    yield Contest(work, postgres.product, client, [rebuild], native, outcome=postgres.counts)
    yield _tests(postgres, scripts)


def _tests(postgres, scripts):
    """200 tests with a database each, in a process each."""
    test = built_test("testing")
    run = ["cargo", "nextest", "run", "--release", "--locked", "--bench", "testing", "--no-fail-fast"]
    named = [f"BENCH_SERVER={postgres.server.geturl()}", f"BENCH_SCRIPTS={scripts}"]
    ours = Command(["env", *named, *run], folder=test)
    native = Command(["env", *named, f"BENCH_TEMPLATE={postgres.name}_kept", *run], folder=test)
    return Contest("200 tests with a database each", postgres.product, "createdb -T and dropdb", [ours], [native])


def _work(names):
    return f"rebuild from a template of {len(names):,} scripts"
