#!/usr/bin/env bash
# Builds programs that take the library with one engine each, runs those that need no server, and holds the number of
# crates that each of them compiles: an engine must not bring what only another one needs. Then builds a program with its
# scripts in it, and changes them.
set -euo pipefail
cd "$(dirname "$0")/../tests/alone"
export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-../../target/alone}
CARGO_TARGET_DIR=$(realpath -m "$CARGO_TARGET_DIR")
folder=$(mktemp -d)
trap 'rm -r "$folder"' EXIT
failed=0

# the most crates that each program may compile, without its own and ours
declare -A most=([sqlite]=56 [postgres]=156 [mysql]=145 [sqlserver]=119)
for engine in sqlite postgres mysql sqlserver; do
  cargo build --locked --quiet --package "alone-$engine"
  crates=$(cargo tree --locked --package "alone-$engine" --edges normal,build --prefix none | sed 's/ v.*//' | sort -u |
    grep -vc -e '^dbmigrate' -e "^alone-$engine\$")
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
cargo run --locked --quiet --package alone-sqlite -- "$folder/app.db"
cargo run --locked --quiet --package alone-beside-sqlx -- "$folder/shared.db"

# --- a program with its scripts in it, in a repository of its own --------------

cargo build --locked --quiet --package alone-embedded
cp -r embedded Cargo.lock "$folder"
mv "$folder/Cargo.lock" "$folder/embedded"
cd "$folder/embedded"
sed -i "s|\"../../..\"|\"$OLDPWD/../..\"|" Cargo.toml
echo '[workspace]' >>Cargo.toml
git init --quiet
git add .
git -c user.name=x -c user.email=x@localhost commit --quiet --message 'Begin'
commit=$(git rev-parse HEAD)

# fails unless what the program prints begins with these lines; a word for each case
prints() {
  local printed
  printed=$(cargo run --offline --quiet -- "$folder/$1.db" 2>&1) || true
  if [[ $printed == "$2"* ]]; then
    echo "embedded, $1: as expected"
  else
    printf 'embedded, %s: expected\n%s\ninstead of\n%s\n' "$1" "$2" "$printed" >&2
    failed=1
  fi
}

prints committed "Script-0001.sql $commit
names.sql $commit"
echo 'CREATE TABLE more (id integer);' >migrations/Script-0002.sql
prints added "Script-0001.sql $commit
Script-0002.sql $commit-dirty
names.sql $commit"
echo '-- and nothing else' >>migrations/objects/names.sql
prints changed "Script-0001.sql $commit
Script-0002.sql $commit-dirty
names.sql $commit-dirty"
git add .
git -c user.name=x -c user.email=x@localhost commit --quiet --message 'Change'
commit=$(git rev-parse HEAD)
prints committed-again "Script-0001.sql $commit
Script-0002.sql $commit
names.sql $commit"
mv migrations/Script-0001.sql migrations/script-1.sql
prints misnamed "error: migrations cannot be embedded:
       $PWD/migrations/script-1.sql looks like a script but is misnamed
         a script is named like Script-0001.sql, without a description; rename or remove the file"
exit "$failed"
