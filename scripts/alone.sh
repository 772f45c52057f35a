#!/usr/bin/env bash
# Builds programs that take the library with one engine each, runs those that need no server, and holds the number of
# crates that each of them compiles: an engine must not bring what only another one needs.
set -euo pipefail
cd "$(dirname "$0")/../tests/alone"
export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-../../target/alone}

# the most crates that each program may compile, without its own and ours
declare -A most=([sqlite]=55 [postgres]=156 [mysql]=145 [sqlserver]=119)
failed=0
for engine in sqlite postgres mysql sqlserver; do
  cargo build --locked --quiet --package "alone-$engine"
  crates=$(cargo tree --locked --package "alone-$engine" --edges normal,build --prefix none | sed 's/ v.*//' | sort -u |
    grep -vcx -e dbmigrate -e "alone-$engine")
  echo "$engine: $crates crates"
  if ((crates > most[$engine])); then
    echo "at most ${most[$engine]} are allowed: say in docs/dependencies.md why there are more" >&2
    failed=1
  fi
done
if cargo tree --locked --package alone-postgres --edges normal --prefix none | grep -qE '^(rusqlite|tiberius) '; then
  echo "PostgreSQL alone compiles another engine's driver" >&2
  failed=1
fi

folder=$(mktemp -d)
trap 'rm -r "$folder"' EXIT
cargo run --locked --quiet --package alone-sqlite -- "$folder/app.db"
cargo run --locked --quiet --package alone-beside-sqlx -- "$folder/shared.db"
exit "$failed"
