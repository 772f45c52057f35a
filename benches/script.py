"""The scripts that the benchmarks run: the same arguments always give the same scripts."""

from random import Random

SEED = 2024
ROWS = 100  # in an INSERT with several rows

TABLE = """CREATE TABLE {table} (
    id integer PRIMARY KEY,
    name varchar(60) NOT NULL,
    amount numeric(10, 2) NOT NULL DEFAULT 0,
    placed_on date
);"""

CHANGES = [
    "INSERT INTO {table} (id, name, amount, placed_on) VALUES\n"
    "    ({key}1, 'Amélie; O''Hara', 12.50, '2024-02-29'),\n"
    "    ({key}2, 'Zoltán -- Nagy', 99.95, NULL);",
    "CREATE INDEX {table}_index_{key} ON {table} (placed_on, name);",
    "ALTER TABLE {table} ADD COLUMN extra_{key} varchar(20) DEFAULT 'none';",
    "CREATE VIEW {table}_view_{key} AS\n"
    "SELECT id, upper(name) AS name, amount * 2 AS twice FROM {table} WHERE amount > 10;",
    "UPDATE {table} SET amount = amount + 1 WHERE placed_on IS NOT NULL;",
]

GUARDS = {
    "sqlite": """CREATE TRIGGER {table}_guard_{key} BEFORE UPDATE ON {table} BEGIN
    SELECT RAISE(ABORT, 'too much; less') WHERE NEW.amount > 100000;
END;""",
    "postgres": """CREATE FUNCTION {table}_guard_{key}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.name := trim(NEW.name);
    RETURN NEW;
END
$$;
CREATE TRIGGER {table}_guard_{key} BEFORE UPDATE ON {table} FOR EACH ROW EXECUTE FUNCTION {table}_guard_{key}();""",
    "mysql": """DELIMITER //
CREATE TRIGGER {table}_guard_{key} BEFORE UPDATE ON {table} FOR EACH ROW
BEGIN
    SET NEW.name = trim(NEW.name);
END//
DELIMITER ;""",
}


def tables(count):
    """Returns a script of many tables with a primary key, two indexes and a foreign key to the table before."""
    text = (
        "CREATE TABLE {table} (id integer PRIMARY KEY, name varchar(60) NOT NULL, amount numeric(10, 2) DEFAULT 0,\n"
        "    placed_on date, parent integer{parent});\n"
        "CREATE INDEX {table}_name ON {table} (name, amount);\n"
        "CREATE INDEX {table}_placed ON {table} (placed_on);\n"
    )
    parent = lambda number: f" REFERENCES t{number - 1} (id)" if number > 1 else ""
    return "".join(text.format(table=f"t{number}", parent=parent(number)) for number in range(1, count + 1))


def mixed(dialect, count):
    """Yields scripts of 3 to 6 statements, like a project's: a table in every fourth script, a trigger now and then."""
    random = Random(SEED)
    for number in range(1, count + 1):
        new = number % 4 == 1
        newest = (number + 3) // 4
        table = f"t{newest if new else random.randint(1, newest)}"
        templates = [TABLE, CHANGES[0]] if new else []
        if number % 20 == 2:
            templates.append(GUARDS[dialect])
        templates += random.choices(CHANGES, k=random.randint(3, 6) - len(templates))
        statements = [text.format(table=table, key=number * 10 + place) for place, text in enumerate(templates)]
        yield f"-- Change number {number} of the table {table}\n\n" + "\n\n".join(statements) + "\n"


def plain(count):
    """Returns a baseline of tables with a few rows each, and scripts of one statement, as most migrations are."""
    random = Random(SEED)
    tables = [f"b{number}" for number in range(50)]
    baseline = "".join(f"{PLAIN.format(table=table)}\n{_five_rows(table, 1)}\n" for table in tables)
    scripts = []
    kinds = random.choices(["table", "column", "rows", "index"], weights=[40, 20, 25, 15], k=count)
    for number, kind in enumerate(kinds, 1):
        table = random.choice(tables)
        if kind == "table":
            tables.append(f"t{number}")
            scripts.append(PLAIN.format(table=f"t{number}"))
        elif kind == "column":
            scripts.append(f"ALTER TABLE {table} ADD COLUMN extra_{number} varchar(20);\n")
        elif kind == "rows":
            scripts.append(_five_rows(table, number * 10))
        else:
            scripts.append(f"CREATE INDEX {table}_index_{number} ON {table} (placed_on, name);\n")
    return baseline, scripts


PLAIN = """CREATE TABLE {table} (
    id integer PRIMARY KEY,
    name varchar(60) NOT NULL,
    amount numeric(10, 2) NOT NULL DEFAULT 0,
    placed_on date
);
"""


def _five_rows(table, first):
    rows = (f"    ({number}, 'Customer number {number}', {number}.50, '2024-02-29')" for number in range(first, first + 5))
    return f"INSERT INTO {table} (id, name, amount, placed_on) VALUES\n" + ",\n".join(rows) + ";\n"


def small(count):
    """Yields scripts that cost a database next to nothing."""
    yield "-- The ledger\nCREATE TABLE ledger (id integer PRIMARY KEY, entry varchar(200) NOT NULL);\n"
    for number in range(2, count + 1):
        values = (f"    ({number}{row}, 'Entry number {row} of script {number}; as it was booked')" for row in range(8))
        rows = ",\n".join(values)
        yield f"-- Book the entries of {number}\n\nINSERT INTO ledger (id, entry) VALUES\n{rows};\n"


def write_folder(folder, texts, baseline=None):
    folder.mkdir()
    if baseline:
        (folder / "Baseline.sql").write_text(baseline)
    for number, text in enumerate(texts, 1):
        (folder / f"Script-{number:04}.sql").write_text(text)
    return folder


OBJECTS = """-- {name}
{replace} VIEW {name} AS
SELECT {source}.id, {source}.name, {source}.amount * {factor} AS amount, orders.placed_on
  FROM {source} JOIN orders ON orders.id = {source}.id
 WHERE {source}.amount > {factor};
"""


def write_objects(folder, dialect, count):
    """Writes a table, and views on it and on each other in files whose names are in the wrong order. Returns the texts in
    the right one."""
    table = TABLE.format(table="orders")
    write_folder(folder, [table])
    objects = folder / "objects"
    objects.mkdir()
    texts = [table]
    for number in range(count):
        # of ten views, each reads the one before
        name, source = f"v{count - number:04}", f"v{count - number + 1:04}" if number % 10 else "orders"
        source = source if source != "orders" else "orders AS base"
        replace = f"DROP VIEW IF EXISTS {name};\nCREATE" if dialect == "sqlite" else "CREATE OR REPLACE"
        text = OBJECTS.format(name=name, replace=replace, source=source.rpartition(" ")[2], factor=number % 7 + 1)
        text = text.replace("FROM base", "FROM orders AS base")
        (objects / f"{name}.sql").write_text(text)
        texts.append(text)
    return texts


def concatenate(folder, file):
    with open(file, "wb") as whole:
        for script in in_order(folder):
            whole.write(script.read_bytes())
    return file


def in_order(folder):
    return sorted(folder.iterdir(), key=lambda script: int(script.stem.partition("-")[2] or 0))


def write_baseline(folder, size, rows):
    """Writes a baseline of `size` bytes, of INSERTs of `rows` rows each, for any database."""
    folder.mkdir()
    with open(folder / "Baseline.sql", "w") as file:
        file.write("-- The orders\n" + TABLE.format(table="orders") + "\n\n")
        _write_rows(file, size, rows, ";\n")
    return folder


def write_batches(file, size):
    """Writes INSERTs of `size` bytes with a GO after every 10 statements, as SQL Server's tools do."""
    with open(file, "w") as output:
        output.write(TABLE.format(table="orders") + "\nGO\n")
        _write_rows(output, size, ROWS // 10, ";\n", after_ten="GO\n")
    return file


def _write_rows(file, size, rows, end, after_ten=""):
    random = Random(SEED)
    number = written = 0
    while written < size:
        values = ",\n    ".join(_row(random, number * rows + place) for place in range(rows))
        number += 1
        text = f"INSERT INTO orders (id, name, amount, placed_on) VALUES\n    {values}{end}"
        written += file.write(text if number % 10 else text + after_ten)


def _row(random, key):
    draw = random.getrandbits(32)
    name = f"It''s customer {draw:08x}; -- straße {draw % 997}"
    return f"({key}, '{name}', {draw % 10_000_000 / 100:.2f}, '20{draw % 30:02}-{draw % 12 + 1:02}-{draw % 28 + 1:02}')"


def rows_to_dump(size):
    """Returns SQL that fills a database whose dump by pg_dump has about `size` bytes."""
    return f"""SET timezone = 'UTC';
CREATE TABLE orders (
    id bigint PRIMARY KEY, code text NOT NULL, note text, amount numeric(10, 2), placed_at timestamptz
);
INSERT INTO orders SELECT n, md5(n::text), E'line\\t' || n || E'\\nof \\\\ two; it''s', n % 1000000 / 100.0,
       '2024-01-01Z'::timestamptz + n * interval '1 second' FROM generate_series(1, {size // 102}) AS n;
CREATE INDEX orders_placed_at ON orders (placed_at);
CREATE VIEW latest_orders AS SELECT * FROM orders ORDER BY placed_at DESC LIMIT 100;
"""
