#!/usr/bin/env bash
# Runs real migration tools, and takes what they leave over with dbmigrate. See usage() below.
set -euo pipefail

usage() {
  cat <<'END'
usage: scripts/adopt-peers.sh [TOOL ...]

For each folder tests/peers/TOOL-ENGINE, of all TOOLs by default, the script
1. runs the real tool with the migrations of a copy of old/ on a new database, and
   writes what is in it to database.sql,
2. makes a Git repository of that folder, adopts it, imports the tool's journal,
   and upgrades the database with two more scripts,
3. builds a second database from the scripts alone, and compares the two.
Next to old/ may be dbmigrate.toml, with the values of placeholders, and by-hand/,
with the scripts that someone has to write after dbmigrate adopt. The script
prints a line for each folder, and exits with status 1 if one failed.

This is not part of the ordinary test run. It needs everything that scripts/test.sh
needs, which also provides the servers, and what the tools need: npm, Python with
venv, Java, or Ruby. The tools are installed with npm, pip and cargo. atlas,
flyway, goose, migrate and tern are not among those packages, and are taken from
PATH; without them, their lines say so. The same is true of Debian's
ruby-activerecord, ruby-sqlite3 and ruby-pg.

ADOPT_PEERS  keep the tools in this folder, for the next time
DBMIGRATE    use this program instead of the one that cargo builds
END
}

# The versions that the dumps in tests/peers come from.
dbmate_version=2.36.0
prisma_version=6.19.3
prisma_adapter_version=7.10.0 # 6.19's own cannot read PostgreSQL's type name
node_pg_migrate_version=9.0.0
liquibase_version=4.28.1
sqlx_version=0.9.0
diesel_version=2.3.14
refinery_version=0.10.0
alembic_version=1.20.1

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
tools=
temp=
dbmigrate=
failed=
job=

say() { printf 'adopt-peers.sh: %s\n' "$*" >&2; }

die() {
  say "error: $*"
  exit 1
}

has() { command -v "$1" >/dev/null 2>&1; }

# --- installing --------------------------------------------------------------

# FOLDER COMMAND ...: runs COMMAND, which installs into $tools/FOLDER, unless an earlier run has done so.
once() {
  [[ ! -e $tools/$1/.installed ]] || return 0
  mkdir -p "$tools/$1"
  "${@:2}"
  touch "$tools/$1/.installed"
}

# FOLDER ARGUMENT ...: installs npm packages.
npm_into() { once "$1" npm install --silent --no-audit --no-fund --prefix "$tools/$1" "${@:2}"; }

# FOLDER ARGUMENT ...: installs a crate's programs. One folder for what the crates have in common saves time.
cargo_into() {
  CARGO_TARGET_DIR=$tools/target once "$1" cargo install --quiet --locked --root "$tools/$1" "${@:2}"
}

# FOLDER PACKAGE ...: installs Python packages.
pip_into() {
  once "$1" python3 -m venv "$tools/$1"
  once "$1/packages" "$tools/$1/bin/pip" --quiet --disable-pip-version-check install "${@:2}"
}

# Each prints nothing, and fails if the tool is not available.
install_dbmate() { npm_into dbmate "dbmate@$dbmate_version"; }

# The engine in the package does without the one that a script of the package would download.
install_prisma() {
  npm_into prisma --ignore-scripts --legacy-peer-deps "prisma@$prisma_version" \
    "@prisma/adapter-libsql@$prisma_version" "@prisma/adapter-pg@$prisma_adapter_version"
  printf '#!/bin/sh\nexit 0\n' >"$tools/prisma/no-engine"
  chmod +x "$tools/prisma/no-engine"
}

install_node_pg_migrate() { npm_into node-pg-migrate "node-pg-migrate@$node_pg_migrate_version" pg; }

# The driver for SQLite needs slf4j, which the package does not have.
install_liquibase() {
  npm_into liquibase "liquibase@$liquibase_version"
  [[ -e /usr/share/java/slf4j-api.jar ]] || missing "slf4j: apt-get install libslf4j-java"
}

install_sqlx() {
  cargo_into sqlx sqlx-cli --version "$sqlx_version" --no-default-features --features sqlite,postgres,rustls
}

install_diesel() {
  cargo_into diesel diesel_cli --version "$diesel_version" --no-default-features --features sqlite-bundled
}

install_refinery() {
  cargo_into refinery refinery_cli --version "$refinery_version" --no-default-features --features sqlite
}

install_alembic() { pip_into alembic "alembic==$alembic_version" 'psycopg[binary]'; }

install_rails() {
  ruby -e 'require "active_record"; require "sqlite3"; require "pg"' 2>/dev/null ||
    missing "Active Record: apt-get install ruby-activerecord ruby-sqlite3 ruby-pg"
}

install_atlas() { has atlas || missing "atlas, in PATH"; }
install_flyway() { has flyway || missing "flyway, in PATH"; }
install_goose() { has goose || missing "goose, in PATH"; }
install_golang_migrate() { has migrate || missing "migrate, in PATH"; }
install_tern() { has tern || missing "tern, in PATH"; }

# What is not there is not a failure.
missing() {
  echo "missing: $*" >"$here/result"
  exit 0
}

# --- the tools, in a folder with their migrations and configuration ------------

# Each prints its version, and runs all migrations. $url is the database, $engine is sqlite or postgres.
run_dbmate() {
  local dbmate=$tools/dbmate/node_modules/.bin/dbmate
  "$dbmate" --version | version
  "$dbmate" --url "$url" --no-dump-schema up
}

run_prisma() {
  local database=$url
  [[ $engine == postgres ]] || database=file:$PWD/database.db
  ln -s "$tools/prisma/node_modules" node_modules
  echo "$prisma_version" | version
  DATABASE_URL=$database CHECKPOINT_DISABLE=1 PRISMA_QUERY_ENGINE_LIBRARY=$tools/prisma/no-engine \
    PRISMA_SCHEMA_ENGINE_BINARY=$tools/prisma/no-engine node_modules/.bin/prisma migrate deploy
}

run_node_pg_migrate() {
  echo "$node_pg_migrate_version" | version
  DATABASE_URL=$url "$tools/node-pg-migrate/node_modules/.bin/node-pg-migrate" up --no-verbose
}

run_liquibase() {
  local jars=$tools/liquibase/node_modules/liquibase/dist/liquibase/internal/lib
  echo "$liquibase_version" | version
  java -cp "$jars/*:/usr/share/java/slf4j-api.jar" liquibase.integration.commandline.LiquibaseCommandLine \
    --changelog-file=db/changelog/db.changelog-master.yaml --url="$(jdbc)" --username="$(user)" \
    --password="$(password)" --show-banner=false update
}

run_sqlx() {
  local sqlx=$tools/sqlx/bin/sqlx
  "$sqlx" --version | version
  [[ $engine != sqlite ]] || "$sqlx" database create --database-url "$url"
  "$sqlx" migrate run --database-url "$url"
}

run_diesel() {
  "$tools/diesel/bin/diesel" --version | version
  "$tools/diesel/bin/diesel" migration run --database-url database.db
}

run_refinery() {
  "$tools/refinery/bin/refinery" --version | version
  touch database.db
  "$tools/refinery/bin/refinery" migrate -p migrations
}

run_alembic() {
  local database=sqlite:///database.db
  [[ $engine == sqlite ]] || database=${url/postgres:/postgresql+psycopg:}
  "$tools/alembic/bin/alembic" --version | version
  DATABASE_URL=$database "$tools/alembic/bin/alembic" upgrade head
  mkdir -p sql
  DATABASE_URL=$database "$tools/alembic/bin/alembic" -q upgrade head --sql >sql/all.sql # what is adopted
}

run_rails() {
  local database=sqlite3:database.db
  [[ $engine == sqlite ]] || database=$url
  ruby -e 'require "active_record"; puts ActiveRecord.version' | version
  DATABASE_URL=$database ruby migrate.rb
}

run_atlas() {
  local database=$url
  [[ $engine != sqlite ]] || database=sqlite://database.db
  atlas version | version
  atlas migrate apply --url "$database" --dir file://migrations
}

run_flyway() {
  flyway --version | version
  flyway -configFiles=conf/flyway.conf -url="$(jdbc)" -user="$(user)" -password="$(password)" migrate
}

run_goose() {
  local driver=postgres database=$url
  if [[ $engine == sqlite ]]; then driver=sqlite3 database=database.db; fi
  goose -version | version
  SELLER='The Potter' goose -dir migrations "$driver" "$database" up
}

run_golang_migrate() {
  local database=$url
  [[ $engine != sqlite ]] || database=sqlite3://database.db
  migrate -version 2>&1 | version
  migrate -path migrations -database "$database" up
}

run_tern() {
  tern version | version
  DATABASE_URL=$url tern migrate --config tern.conf --migrations migrations
}

# Keeps the first version in the input.
version() { grep -o '[0-9]\+\(\.[0-9]\+\)\+' | head -n 1 >"$here/version" || true; }

# The parts of postgres://USER:PASSWORD@HOST:PORT/DATABASE?OPTIONS
user() { [[ ! $url =~ ^postgres://([^:@]*) ]] || echo "${BASH_REMATCH[1]}"; }
password() { [[ ! $url =~ ^postgres://[^:@]*:([^@]*)@ ]] || echo "${BASH_REMATCH[1]}"; }

jdbc() {
  if [[ $engine == sqlite ]]; then
    echo jdbc:sqlite:database.db
  else
    echo "jdbc:postgresql://${url#*@}"
  fi
}

# TOOL: prints the folder with its migrations, below old/.
folder_of() {
  case $1 in
    dbmate) echo db/migrations ;;
    prisma*) echo prisma/migrations ;;
    liquibase) echo db/changelog ;;
    rails) echo db ;;
    alembic) echo sql ;;
    flyway) echo sql ;;
    *) echo migrations ;;
  esac
}

# TOOL: prints a pattern for its tables.
journal_of() {
  case $1 in
    dbmate | golang-migrate) echo schema_migrations ;;
    prisma*) echo _prisma_migrations ;;
    node-pg-migrate) echo pgmigrations ;;
    liquibase) echo '[Dd][Aa][Tt][Aa][Bb][Aa][Ss][Ee][Cc][Hh][Aa][Nn][Gg][Ee][Ll][Oo][Gg]*' ;;
    sqlx*) echo _sqlx_migrations ;;
    diesel) echo __diesel_schema_migrations ;;
    refinery) echo refinery_schema_history ;;
    alembic) echo alembic_version ;;
    atlas) echo 'atlas_schema_revisions*' ;;
    rails) printf '%s\n' schema_migrations ar_internal_metadata ;;
    flyway) echo 'flyway_schema_history*' ;;
    goose) echo 'goose_db_version*' ;;
    tern) echo schema_version ;;
  esac
}

# TOOL: prints what --from calls it. A folder may be for a variant of it.
name_of() {
  case $1 in
    prisma-ms) echo prisma ;;
    sqlx-simple) echo sqlx ;;
    *) echo "$1" ;;
  esac
}

# --- the databases -------------------------------------------------------------

# NAME: prints the URL of the database, which does not exist.
database() {
  if [[ $engine == sqlite ]]; then
    echo "sqlite:$1.db"
  else
    query "DROP DATABASE IF EXISTS peers_$1" >&2
    echo "${DBMIGRATE_TEST_POSTGRES_URL%/*}/peers_$1?sslmode=disable"
  fi
}

query() { psql "$DBMIGRATE_TEST_POSTGRES_URL" -XAtqc "$1"; }

# Without what psql of another version may not know, and what differs each time.
dump() {
  if [[ $engine == sqlite ]]; then
    sqlite3 database.db .dump
  else
    pg_dump --no-owner --inserts "$url" | sed '/^\\\(un\)\?restrict /d'
  fi
}

# --- one tool on one engine ------------------------------------------------------

# Says what is being done: the result of a failure.
step() {
  echo "$*" >"$here/step"
  printf '\n==> %s\n' "$*"
}

# TOOL-ENGINE: everything, in $temp/TOOL-ENGINE.
peer() {
  local tool=${1%-*} engine=${1##*-} peer=$root/tests/peers/$1 here=$temp/$1
  local name url rebuilt
  name=$(name_of "$tool")
  mkdir -p "$here"
  step "install $name"
  "install_${name//-/_}"

  step "run $name"
  cp -r "$peer/old" "$here/shop"
  [[ ! -e $peer/dbmigrate.toml ]] || cp "$peer/dbmigrate.toml" "$here/shop"
  cd "$here/shop"
  url=$(database database)
  [[ $engine == sqlite ]] || query 'CREATE DATABASE peers_database TEMPLATE template0'
  "run_${name//-/_}"
  dump >"$peer/database.sql"

  step "make a repository"
  printf '%s\n' '*.db' '*.db-*' __pycache__ node_modules >.gitignore
  git init --quiet
  commit "Use $name"
  adopt
}

# Takes the database over, and leaves the number of the scripts that the tool had applied.
adopt() {
  step "dbmigrate adopt"
  "$dbmigrate" adopt "$(folder_of "$tool")" --from "$name" --url "$url"
  [[ ! -d $peer/by-hand ]] || cp "$peer"/by-hand/* migrations
  commit "Use dbmigrate"

  step "dbmigrate baseline --import"
  "$dbmigrate" baseline --import "$name" --verify --url "$url"
  find migrations -name 'Script-*.sql' | wc -l >"$here/scripts"

  step "dbmigrate upgrade"
  add "Add a table for suppliers" 'CREATE TABLE suppliers (id integer PRIMARY KEY, name text NOT NULL);'
  add "Note who supplies a product" 'ALTER TABLE products ADD COLUMN supplier_id integer;'
  commit "Add suppliers"
  "$dbmigrate" upgrade --url "$url"

  step "dbmigrate rebuild"
  rebuilt=$(database rebuilt)
  "$dbmigrate" rebuild --yes --no-template --url "$rebuilt"

  step "compare with a rebuilt database"
  compare
  echo ok >"$here/result"
}

# TITLE SQL: adds a script.
add() {
  local script
  script=$("$dbmigrate" new "$1")
  echo "$2" >>"$script"
}

compare() {
  local pattern
  local -a ignored=()
  while read -r pattern; do
    ignored+=(--ignore "$pattern")
  done < <(journal_of "$tool")
  "$dbmigrate" verify --url "$url" --against "$rebuilt" "${ignored[@]}"
}

# MESSAGE: commits everything.
commit() {
  git add --all
  git -c user.name=peers -c user.email=peers@localhost commit --quiet --message "$1"
}

# --- all of them -----------------------------------------------------------------

# TOOL-ENGINE: prints its line.
report() {
  local here=$temp/$1 result
  if [[ -e $here/result ]]; then
    result=$(<"$here/result")
  else
    result="failed: $(<"$here/step")"
    failed=yes
    tail -n 30 "$here.log" | sed "s/^/$1: /" >&2
  fi
  line "${1%-*}" "$(content version)" "${1##*-}" "$(content scripts)" "$result"
}

content() { if [[ -s $here/$1 ]]; then cat "$here/$1"; else echo -; fi; }

line() { printf '%-16s %-12s %-9s %10s  %s\n' "$@"; }

# TOOL ...: prints the folders of tests/peers that are meant.
chosen() {
  local dir tool
  for dir in "$root"/tests/peers/*; do
    [[ -d $dir/old ]] || continue
    dir=${dir##*/}
    [[ $dir == *-sqlite || $dir == *-postgres ]] || continue
    tool=$(name_of "${dir%-*}")
    [[ -n $(journal_of "$tool") ]] || continue
    (($# == 0)) || [[ " $* " == *" $tool "* ]] || continue
    echo "$dir"
  done
}

find_dbmigrate() {
  dbmigrate=${DBMIGRATE:-}
  if [[ -z $dbmigrate ]]; then
    (cd "$root" && cargo build --release --quiet)
    dbmigrate=${CARGO_TARGET_DIR:-$root/target}/release/dbmigrate
  fi
  dbmigrate=$(realpath "$dbmigrate")
}

finish() {
  if [[ -n $job ]]; then kill -- "-$job" 2>/dev/null || true; fi
  rm -rf "$temp"
}

main() {
  local peer peers
  case ${1-} in
    -h | --help)
      usage
      exit
      ;;
  esac
  peers=$(chosen "$@")
  [[ -n $peers ]] || die "there is no such folder in tests/peers; see scripts/adopt-peers.sh --help"
  PATH=$PATH:${CARGO_HOME:-${HOME:-}/.cargo}/bin

  # test.sh provides the servers, and sets this variable.
  if [[ -z ${DBMIGRATE_TEST_POSTGRES_URL:-} ]]; then
    exec "$root/scripts/test.sh" --servers "$root/scripts/adopt-peers.sh" "$@"
  fi

  find_dbmigrate
  temp=$(mktemp -d)
  trap finish EXIT
  trap 'exit 129' HUP
  trap 'exit 130' INT
  trap 'exit 143' TERM
  tools=${ADOPT_PEERS:-$temp/tools}
  mkdir -p "$tools"
  tools=$(realpath "$tools")
  unset DATABASE_URL DBMIGRATE_URL
  line tool version engine migrations result
  for peer in $peers; do
    # in the background, because bash ignores a failing command in what || or if follows
    set -m
    (peer "$peer") </dev/null >"$temp/$peer.log" 2>&1 &
    job=$!
    set +m
    wait "$job" || true
    job=
    report "$peer"
  done
  [[ -z $failed ]]
}

main "$@"
