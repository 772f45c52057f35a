#!/usr/bin/env bash
# Sets up and runs every test. See usage() below.
set -euo pipefail

usage() {
  cat <<'END'
usage: scripts/test.sh [ARGUMENT ...]
       scripts/test.sh --servers COMMAND [ARGUMENT ...]

Runs the whole test suite: with cargo-nextest if it is installed, else with
cargo test. ARGUMENTs go to that runner as they are (a filter, for example);
the documentation's examples are then left out.

--servers  run COMMAND instead of the suite, with the same servers and variables:
           scripts/test.sh --servers cargo test --test cli
           scripts/test.sh --servers sh -c 'psql "$DBMIGRATE_TEST_POSTGRES_URL"'

The tests need a PostgreSQL server, psql, pg_dump, sqlite3, git and a C compiler.
What is missing is installed with apt-get (as root or through sudo). A private
PostgreSQL server is started in a temporary directory and removed at the end;
the servers of this machine are not touched.

DBMIGRATE_TEST_POSTGRES_URL  use this server instead of starting one. The user
                             must be allowed to create databases and roles.
END
}

PATH=$PATH:/usr/sbin:/sbin # for runuser and useradd
temp=
server_bin=

say() { printf 'test.sh: %s\n' "$*" >&2; }

die() {
  say "error: $*"
  exit 1
}

has() { command -v "$1" >/dev/null 2>&1; }

# --- what is installed, and what has to be -----------------------------------

# Prints the newest directory that holds all of the given programs.
find_bin() {
  local dir program
  while IFS= read -r dir; do
    for program in "$@"; do
      [[ -x $dir/$program ]] || continue 2
    done
    printf '%s\n' "$dir"
    return
  done < <(bin_candidates "$1")
  return 1
}

# PostgreSQL's directories, the preferred first; PROGRAM is looked for in PATH last.
bin_candidates() {
  printf '%s\n' /usr/lib/postgresql/*/bin /usr/pgsql-*/bin | sort -rV
  if has pg_config; then pg_config --bindir; fi
  if has "$1"; then dirname "$(readlink -f "$(command -v "$1")")"; fi
}

find_server() { find_bin initdb pg_ctl postgres; }

# Debian's /usr/bin/psql is a wrapper that PATH finds even where no client is
# installed behind it; hence the question for its version.
has_clients() { psql --version >/dev/null 2>&1 && pg_dump --version >/dev/null 2>&1; }

missing_packages() {
  has cc || printf '%s\n' gcc libc6-dev
  has git || echo git
  has sqlite3 || echo sqlite3
  if [[ -z ${DBMIGRATE_TEST_POSTGRES_URL:-} ]] && ! find_server >/dev/null; then
    echo postgresql
  fi
  find_bin psql pg_dump >/dev/null || has_clients || echo postgresql-client
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

install_packages() {
  local advice="install them and run this again (Debian, Ubuntu: apt-get install $*), or set DBMIGRATE_TEST_POSTGRES_URL if only the PostgreSQL server is missing"
  has apt-get || die "missing: $*; this system has no apt-get: $advice"
  ((EUID == 0)) || has sudo || die "missing: $*; not root, and there is no sudo: $advice"
  say "installing $*"
  as_root apt-get -q update >&2 || say "apt-get update failed; going on with the lists that are there"
  without_system_cluster as_root env DEBIAN_FRONTEND=noninteractive \
    apt-get -q -y -o DPkg::Lock::Timeout=300 install --no-install-recommends "$@" >&2 ||
    die "could not install $*: $advice"
}

# Debian's postgresql creates and starts a server when it is first installed,
# unless this file says no. It is needed for the time of the installation only.
without_system_cluster() {
  local file=/etc/postgresql-common/createcluster.d/dbmigrate-test.conf status=0
  as_root mkdir -p "${file%/*}"
  as_root tee "$file" >/dev/null <<<'create_main_cluster = false'
  "$@" || status=$?
  as_root rm -f "$file"
  return "$status"
}

install_missing() {
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

# --- the PostgreSQL server ---------------------------------------------------

# A PostgreSQL server refuses to run as root.
as_server() {
  local -a user=()
  if ((EUID == 0)); then user=(runuser -u postgres --); fi
  (cd "$temp" && ${user[@]+"${user[@]}"} env LC_ALL=C "$@")
}

random_hex() { od -An -N16 -tx1 /dev/urandom | tr -d ' \n'; }

# Below the range from which the kernel gives ports to outgoing connections.
free_port() {
  local port
  while true; do
    port=$((20000 + (RANDOM << 15 | RANDOM) % 12000))
    (: <>"/dev/tcp/127.0.0.1/$port") 2>/dev/null || break
  done
  echo "$port"
}

create_server() {
  local password=$1
  temp=$(mktemp -d /tmp/dbmigrate-test.XXXXXX) # short: a socket's path has at most 107 bytes
  if ((EUID == 0)); then
    getent passwd postgres >/dev/null || useradd --system --shell /usr/sbin/nologin postgres
    chown postgres: "$temp"
  fi
  as_server tee "$temp/password" >/dev/null <<<"$password"
  as_server "$server_bin/initdb" --pgdata="$temp/data" --username=postgres --pwfile="$temp/password" \
    --auth=scram-sha-256 --encoding=UTF8 --locale=C --no-sync >"$temp/output" 2>&1 || show_log "initdb failed"
  as_server rm "$temp/password"
  as_server tee -a "$temp/data/postgresql.conf" >/dev/null <<END
listen_addresses = '127.0.0.1'
unix_socket_directories = '$temp'
max_connections = 200
fsync = off
synchronous_commit = off
full_page_writes = off
END
}

show_log() {
  cat "$temp/output" "$temp/log" >&2 2>/dev/null || true
  die "$1; its output is above"
}

start_server() {
  local password port attempt
  server_bin=$(find_server)
  password=$(random_hex)
  create_server "$password"
  for attempt in 1 2 3 4 5; do # somebody else may take the port first
    port=$(free_port)
    if as_server "$server_bin/pg_ctl" start --silent --wait --timeout=60 --pgdata="$temp/data" \
      --log="$temp/log" --options="-p $port" </dev/null >"$temp/output" 2>&1; then
      break
    fi
    ((attempt < 5)) || show_log "the PostgreSQL server does not start"
  done
  # Meant for another server; sqlx and psql would read them.
  unset PGHOST PGHOSTADDR PGPORT PGUSER PGPASSWORD PGDATABASE PGOPTIONS PGSERVICE PGSSLMODE PGDATA
  export DBMIGRATE_TEST_POSTGRES_URL=postgres://postgres:$password@127.0.0.1:$port/postgres
  prefer_clients "$server_bin"
  say "PostgreSQL $("$server_bin/postgres" --version | version_of) on 127.0.0.1:$port"
}

version_of() { sed 's/^[^0-9]*\([0-9.]*\).*/\1/'; }

# pg_dump refuses a server that is newer than itself.
prefer_clients() {
  if [[ -x $1/psql && -x $1/pg_dump ]]; then
    export PATH="$1:$PATH"
  fi
}

use_given_server() {
  local version major clients
  clients=$(find_bin psql pg_dump) && prefer_clients "$clients"
  version=$(PGCONNECT_TIMEOUT=15 psql "$DBMIGRATE_TEST_POSTGRES_URL" -XAtqc 'SHOW server_version_num' </dev/null) ||
    die "the server that DBMIGRATE_TEST_POSTGRES_URL names does not answer: correct it, or unset it to have a server started"
  major=$((version / 10000))
  prefer_clients "/usr/lib/postgresql/$major/bin"
  clients=$(pg_dump --version | version_of)
  ((${clients%%.*} >= major)) ||
    die "the server is PostgreSQL $major, pg_dump is $clients and refuses it: install postgresql-client-$major"
  say "PostgreSQL $major as given by DBMIGRATE_TEST_POSTGRES_URL"
}

stop_server() {
  [[ -n $temp ]] || return 0
  if [[ -e $temp/data/postmaster.pid ]]; then
    as_server "$server_bin/pg_ctl" stop --silent --wait --mode=immediate --pgdata="$temp/data" >&2 ||
      say "the server in $temp did not stop"
  fi
  rm -rf "$temp"
}

# --- the suite ---------------------------------------------------------------

run_suite() {
  if ! cargo nextest --version >/dev/null 2>&1; then
    cargo test --all-features --no-fail-fast "$@"
  elif (($# > 0)); then
    cargo nextest run --all-features "$@"
  else
    run_everything
  fi
}

# nextest leaves the documentation's examples to cargo test. They go first, so
# that the summary of the many is the last thing on the screen.
run_everything() {
  local examples=passed
  cargo test --doc --all-features || examples=failed
  cargo nextest run --all-features --no-fail-fast
  [[ $examples == passed ]] || die "examples in the documentation failed: see above"
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
  esac

  [[ -n $servers_only ]] || find_cargo
  install_missing
  trap stop_server EXIT
  trap 'exit 129' HUP
  trap 'exit 130' INT
  trap 'exit 143' TERM
  if [[ -n ${DBMIGRATE_TEST_POSTGRES_URL:-} ]]; then use_given_server; else start_server; fi

  if [[ -n $servers_only ]]; then
    "$@"
  else
    cd "$(dirname "${BASH_SOURCE[0]}")/.."
    run_suite "$@"
  fi
}

main "$@"
