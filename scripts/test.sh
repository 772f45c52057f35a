#!/usr/bin/env bash
# Sets up and runs every test. See usage() below.
set -euo pipefail

usage() {
  cat <<'END'
usage: scripts/test.sh [ARGUMENT ...]
       scripts/test.sh --servers COMMAND [ARGUMENT ...]
       scripts/test.sh --worker [ARGUMENT ...]

Runs the whole test suite, with cargo-nextest if it is installed, otherwise with
cargo test. ARGUMENTs go to that runner unchanged (a filter, for example);
nextest then leaves out the documentation's examples.

--servers  run COMMAND instead of the suite, with the same servers and variables:
           scripts/test.sh --servers cargo test --test cli
           scripts/test.sh --servers sh -c 'psql "$DBMIGRATE_TEST_POSTGRES_URL"'
           scripts/test.sh --servers sh -c \
             '"$DBMIGRATE_TEST_MYSQL_CLIENT" --defaults-file="$DBMIGRATE_TEST_MYSQL_DEFAULTS_FILE"'

--worker   run the tests of the worker (feature sqs), its documentation's examples and
           the commands of docs/worker.md instead, also with a queue server: moto, a
           Python package

The tests need a PostgreSQL server, psql, pg_dump, a MariaDB or MySQL server,
its client and its dump program, sqlite3, git and a C compiler. The script
installs what is missing with apt-get (as root or through sudo): PostgreSQL and
MariaDB. It starts private servers in a temporary directory and removes them at
the end; it does not touch the servers of this machine.

DBMIGRATE_TEST_POSTGRES_URL  use this server instead of starting one. The user
                             must be allowed to create databases and roles.
DBMIGRATE_TEST_MYSQL_URL     the same for MariaDB or MySQL
                             (mysql://root:PASSWORD@127.0.0.1:3306/mysql). The
                             user must have all privileges.
DBMIGRATE_TEST_MSSQL_URL     a SQL Server (sqlserver://sa:PASSWORD@127.0.0.1:1433), which
                             cannot be installed from packages. Without it, the
                             tests that need one are left out; other tests
                             compare what is sent with approved transcripts.
DBMIGRATE_TEST_SQS_URL       a server that speaks the protocol of SQS, instead of
                             starting one (--worker)
DBMIGRATE_TEST_MYSQL_CLIENT  the server's client and dump program, if they are not
DBMIGRATE_TEST_MYSQL_DUMP    in PATH as mariadb and mariadb-dump, or as mysql and
                             mysqldump
END
}

PATH=$PATH:/usr/sbin:/sbin # for runuser, useradd and mariadbd
temp=
worker=

say() { printf 'test.sh: %s\n' "$*" >&2; }

die() {
  say "error: $*"
  exit 1
}

has() { command -v "$1" >/dev/null 2>&1; }

version_of() { sed 's/^[^0-9]*\([0-9.]*\).*/\1/'; }

# shellcheck source-path=SCRIPTDIR
source "$(dirname "${BASH_SOURCE[0]}")/servers/private.sh"
# shellcheck source-path=SCRIPTDIR
source "$(dirname "${BASH_SOURCE[0]}")/servers/postgres.sh"
# shellcheck source-path=SCRIPTDIR
source "$(dirname "${BASH_SOURCE[0]}")/servers/mysql.sh"
# shellcheck source-path=SCRIPTDIR
source "$(dirname "${BASH_SOURCE[0]}")/servers/sqs.sh"

# --- installing what is missing ----------------------------------------------

missing_packages() {
  has cc || printf '%s\n' gcc libc6-dev
  has git || echo git
  has sqlite3 || echo sqlite3
  missing_postgres_packages
  missing_mysql_packages
  [[ -z $worker ]] || missing_sqs_packages
}

as_root() {
  if ((EUID == 0)); then
    "$@"
  elif [[ -t 0 ]]; then
    sudo "$@"
  else
    sudo -n "$@"
  fi
}

# Installed packages stay: MariaDB's packages do not replace MySQL's.
install_packages() {
  local advice="install them and run this again (Debian, Ubuntu: apt-get install $*), or set DBMIGRATE_TEST_POSTGRES_URL or DBMIGRATE_TEST_MYSQL_URL if only that server is missing"
  has apt-get || die "missing: $*; this system has no apt-get: $advice"
  ((EUID == 0)) || has sudo || die "missing: $*; not root, and there is no sudo: $advice"
  say "installing $*"
  as_root apt-get -q update >&2 || say "apt-get update failed; continuing with the existing package lists"
  without_system_cluster as_root env DEBIAN_FRONTEND=noninteractive \
    apt-get -q -y -o DPkg::Lock::Timeout=300 install --no-install-recommends --no-remove "$@" >&2 ||
    die "could not install $*: $advice"
}

install_missing() {
  install_needed
  local extension
  extension=$(missing_extension_package)
  [[ -z $extension ]] || install_packages "$extension"
}

install_needed() {
  local packages
  packages=$(missing_packages)
  [[ -n $packages ]] || return 0
  # shellcheck disable=SC2086 # one word a package
  install_packages $packages
  packages=$(missing_packages)
  [[ -z $packages ]] || die "still missing after the installation: ${packages//$'\n'/ }"
}

find_cargo() {
  has cargo || PATH=$PATH:${CARGO_HOME:-${HOME:-}/.cargo}/bin
  has cargo || die "missing: cargo; install Rust (https://rustup.rs) and run this again"
}

# --- the servers -------------------------------------------------------------

start_servers() {
  create_temp
  begin_postgres
  provide_mysql
  finish_postgres
  [[ -z $worker ]] || provide_sqs
}

stop_servers() {
  trap '' HUP INT TERM
  [[ -n $temp ]] || return 0
  stop_sqs
  stop_mysql
  stop_postgres
  rm -rf "$temp"
}

# --- the suite ---------------------------------------------------------------

# The tests on a SQL Server are marked as ignored; these arguments include them.
run_suite() {
  local -a nextest=() libtest=()
  if [[ -n ${DBMIGRATE_TEST_MSSQL_URL:-} ]]; then
    nextest=(--run-ignored all)
    libtest=(-- --include-ignored)
  else
    say "DBMIGRATE_TEST_MSSQL_URL is not set: the tests on a SQL Server are left out"
  fi
  if ! cargo nextest --version >/dev/null 2>&1; then
    cargo test --workspace --no-fail-fast "$@" ${libtest[@]+"${libtest[@]}"}
  elif (($# > 0)); then
    cargo nextest run --workspace ${nextest[@]+"${nextest[@]}"} "$@"
  else
    run_everything ${nextest[@]+"${nextest[@]}"}
  fi
}

# nextest does not run the documentation's examples, so cargo test does. They run
# first, so that the summary of nextest ends the output.
run_everything() {
  local examples=passed
  cargo test --doc --workspace || examples=failed
  cargo nextest run --workspace --no-fail-fast "$@"
  [[ $examples == passed ]] || die "examples in the documentation failed: see above"
}

# The tests of the worker alone: the others need no queue.
run_worker() {
  cargo test --doc --all-features worker
  if cargo nextest --version >/dev/null 2>&1; then
    cargo nextest run --all-features --test worker --no-fail-fast "$@"
  else
    cargo test --all-features --test worker --no-fail-fast "$@"
  fi
  scripts/readme.sh docs/worker.md
}

main() {
  local servers_only=
  case ${1-} in
    -h | --help)
      usage
      exit
      ;;
    --servers)
      servers_only=yes
      shift
      (($# > 0)) || die "--servers needs a COMMAND: see scripts/test.sh --help"
      ;;
    --worker)
      worker=yes
      shift
      ;;
  esac

  [[ -n $servers_only ]] || find_cargo
  install_missing
  trap stop_servers EXIT
  trap 'exit 129' HUP
  trap 'exit 130' INT
  trap 'exit 143' TERM
  start_servers

  if [[ -n $servers_only ]]; then
    "$@"
  else
    cd "$(dirname "${BASH_SOURCE[0]}")/.."
    if [[ -n $worker ]]; then run_worker "$@"; else run_suite "$@"; fi
  fi
}

main "$@"
