#!/usr/bin/env bash
# usage: scripts/readme.sh [DOCUMENT ...]
#
# Runs the commands of documents as they are written there: of README.md and docs/library.md,
# unless others are named.
#
# Every block that starts with ```sh needs a mark before it:
#
#   <!-- ci: run -->                     run in a copy of the tracked files
#   <!-- ci: run in empty directory -->  run in a new, empty directory
#   <!-- ci: run with a MySQL server --> run in a copy, DATABASE_URL names a database
#                                        on the server of scripts/test.sh --servers
#   <!-- ci: run with a PostgreSQL server --> the same; the database does not exist
#   <!-- ci: run with a queue -->        run in a copy, DBMIGRATE_QUEUE_URL names a queue on
#                                        the server of scripts/test.sh --worker
#   <!-- ci: skip: REASON -->            not run
#
# Each block has its own directory, and dbmigrate in its PATH.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
root=$PWD
documents=(README.md docs/library.md)
features=()
if (($# > 0)); then
  documents=("$@")
  features=(--all-features)
fi

temp=$(mktemp -d "${TMPDIR:-/tmp}/dbmigrate-readme.XXXXXX")
trap 'rm -rf "$temp"' EXIT

die() {
  printf 'readme.sh: error: %s\n' "$*" >&2
  exit 1
}

# --- the blocks --------------------------------------------------------------

# Writes each ```sh block of a document into a file that is named by the number of
# the block's first line, and prints "LINE MARK". The commands keep their line numbers.
split_blocks() {
  awk -v folder="$2" '
    function fail(text) { print FILENAME ":" FNR ": " text > "/dev/stderr"; failed = 1; exit 1 }

    fence != "" && /^ *`+ *$/ && length(trim($0)) >= length(fence) {
      if (file) close(file)
      fence = file = ""
      next
    }
    fence != "" {
      if (file) print unindent($0, indent) > file
      next
    }
    /^ *<!-- *ci:/ {
      if (mark != "") misplaced()
      mark = trim($0)
      if (mark !~ /^<!-- ci: (run|run in empty directory|run with a (MySQL|PostgreSQL) server|run with a queue|skip: .*[^ ].*) -->$/) fail("unknown mark: " mark)
      gsub(/^<!-- ci: | -->$/, "", mark)
      marked = FNR
      next
    }
    /^ *```/ {
      match($0, /`+/); fence = substr($0, RSTART, RLENGTH); indent = RSTART - 1
      split(trim(substr($0, RSTART + RLENGTH)), words, " ")
      opened = FNR
      if (words[1] !~ /^(sh|bash|shell)$/) {
        if (mark != "") misplaced()
        next
      }
      if (mark == "") fail("a block of commands without a ci mark before it: see scripts/readme.sh")
      print FNR, mark
      mark = ""
      file = folder "/" FNR
      print "trap '\''echo \"" FILENAME ":$LINENO: this command failed\" >&2'\'' ERR" > file
      for (i = 2; i <= FNR; i++) print "" > file
      next
    }
    /[^ ]/ && mark != "" { misplaced() }
    function misplaced() { fail("the ci mark in line " marked " is not followed by a block of commands") }
    function unindent(text, width) {
      while (width-- > 0) sub(/^ /, "", text)
      return text
    }
    function trim(text) { gsub(/^ +| +$/, "", text); return text }
    END {
      if (failed) exit 1
      if (fence != "") fail("the block that starts in line " opened " does not end")
      if (mark != "") misplaced()
    }
  ' "$1"
}

# --- running them ------------------------------------------------------------

copy_tracked_files() {
  local file
  git -C "$root" ls-files -z | while IFS= read -r -d '' file; do
    [[ ! -e $root/$file ]] || printf '%s\0' "$file"
  done | tar -C "$root" --null -T - -cf - | tar -C "$1" -xf -
  git -C "$1" init -q
  git -C "$1" add -A
  git -C "$1" commit -q -m "a copy of the checkout"
}

run_block() {
  local document=$1 line=$2 mark=$3 directory=$temp/run/$1/$2
  printf '\n--> %s:%s\n' "$document" "$line"
  mkdir -p "$directory"
  [[ $mark == "run in empty directory" ]] || copy_tracked_files "$directory"
  [[ $mark != "run with a MySQL server" ]] || use_mysql
  [[ $mark != "run with a PostgreSQL server" ]] || use_postgres
  [[ $mark != "run with a queue" ]] || use_queue
  (cd "$directory" && bash -Eeuo pipefail "$temp/blocks/$document/$line" </dev/null) ||
    die "$document:$line: this block failed with exit code $?"
  unset DATABASE_URL
}

use_mysql() {
  local url=${DBMIGRATE_TEST_MYSQL_URL:-} client=${DBMIGRATE_TEST_MYSQL_CLIENT:-mariadb}
  [[ -n $url ]] || die "a block needs a MySQL server: scripts/test.sh --servers scripts/readme.sh"
  export DATABASE_URL=${url%/*}/dbmigrate_readme
  "$client" --defaults-file="$DBMIGRATE_TEST_MYSQL_DEFAULTS_FILE" -e 'DROP DATABASE IF EXISTS dbmigrate_readme'
}

use_postgres() {
  local url=${DBMIGRATE_TEST_POSTGRES_URL:-}
  [[ -n $url ]] || die "a block needs a PostgreSQL server: scripts/test.sh --servers scripts/readme.sh"
  export DATABASE_URL=${url%/*}/dbmigrate_readme
  psql -q "$url" -c 'DROP DATABASE IF EXISTS dbmigrate_readme'
}

use_queue() {
  local url=${DBMIGRATE_TEST_SQS_URL:-}
  [[ -n $url ]] || die "a block needs a queue: scripts/test.sh --worker"
  export AWS_ENDPOINT_URL=$url AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test AWS_REGION=us-east-1
  export AWS_EC2_METADATA_DISABLED=true DBMIGRATE_QUEUE_URL=$url/123456789012/upgrades
  # the region is in the signature, which the server does not verify
  python3 - "$url" <<'END'
import sys
import urllib.request
headers = {
    "Content-Type": "application/x-amz-json-1.0",
    "X-Amz-Target": "AmazonSQS.CreateQueue",
    "Authorization": "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/sqs/aws4_request, SignedHeaders=host, Signature=0",
}
urllib.request.urlopen(urllib.request.Request(sys.argv[1], b'{"QueueName": "upgrades"}', headers))
END
}

# Sets up the environment of a reader who follows the document for the first time.
prepare_environment() {
  local variable
  for variable in $(git rev-parse --local-env-vars) DBMIGRATE_URL DATABASE_URL; do
    unset "$variable"
  done
  export GIT_AUTHOR_NAME=reader GIT_AUTHOR_EMAIL=reader@localhost
  export GIT_COMMITTER_NAME=reader GIT_COMMITTER_EMAIL=reader@localhost
  export CARGO_TARGET_DIR CARGO_INSTALL_ROOT=$temp/installed
  CARGO_TARGET_DIR=$(cargo metadata --locked --no-deps --format-version 1 |
    sed 's/.*"target_directory":"\([^"]*\)".*/\1/')
  cargo build --locked ${features[@]+"${features[@]}"}
  # cargo in a copy of the checkout overwrites target/debug/dbmigrate.
  mkdir -p "$temp/bin"
  cp "$CARGO_TARGET_DIR/debug/dbmigrate" "$temp/bin/"
  export PATH="$temp/installed/bin:$temp/bin:$PATH"
}

main() {
  local document line mark ran=0 all=0
  for document in "${documents[@]}"; do
    mkdir -p "$temp/blocks/$document"
    split_blocks "$document" "$temp/blocks/$document" >"$temp/blocks/$document/list" || die "a mark in $document is wrong"
    [[ -s $temp/blocks/$document/list ]] || die "$document has no block of commands"
  done
  prepare_environment
  for document in "${documents[@]}"; do
    while read -r line mark; do
      all=$((all + 1))
      if [[ $mark == skip:* ]]; then
        printf '\n--> %s:%s skipped:%s\n' "$document" "$line" "${mark#skip:}"
      else
        run_block "$document" "$line" "$mark"
        ran=$((ran + 1))
      fi
    done <"$temp/blocks/$document/list"
  done
  printf '\nreadme.sh: %s of %s blocks ran\n' "$ran" "$all"
}

main
