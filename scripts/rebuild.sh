#!/bin/sh
# Drops the database and rebuilds it from the scripts of this checkout.
# Copy it into your project, beside dbmigrate.toml or in a folder below it.
# Arguments go to dbmigrate: see "dbmigrate rebuild --help".
set -eu

CDPATH='' cd -- "$(dirname -- "$0")"
while [ ! -f dbmigrate.toml ]; do
  if [ "$PWD" = / ]; then
    echo "rebuild.sh: error: no dbmigrate.toml in the folder of $0 or above it" >&2
    exit 2
  fi
  cd ..
done

if ! command -v dbmigrate >/dev/null 2>&1; then
  echo "rebuild.sh: error: dbmigrate is not installed, or not in PATH" >&2
  exit 2
fi

exec dbmigrate rebuild "$@"
