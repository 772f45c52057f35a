#!/usr/bin/env bash
# Compares dbmigrate with psql, sqlite3 and mariadb, on the servers of
# scripts/test.sh. scripts/bench.sh --help describes the benchmarks.
#
# Needs Python 3.10 and, unless --bin names a program, cargo.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
export PATH=$PATH:${CARGO_HOME:-${HOME:-}/.cargo}/bin PYTHONDONTWRITEBYTECODE=1

python3 -c 'import sys; sys.exit(sys.version_info < (3, 10))' 2>/dev/null || {
  echo 'bench.sh: error: missing: Python 3.10; install it (Debian, Ubuntu: apt-get install python3)' >&2
  exit 1
}

for argument in "$@"; do
  case $argument in
    -h | --help) exec python3 "$root/benches/run.py" --help ;;
  esac
done

exec "$root/scripts/test.sh" --servers python3 "$root/benches/run.py" "$@"
