# shellcheck shell=bash disable=SC2154 # temp: in test.sh
# The PostgreSQL server of the tests: a private one, or the one that
# DBMIGRATE_TEST_POSTGRES_URL names. For scripts/test.sh.

postgres_bin=
postgres_job=
postgres_password=

# --- installing what is missing ----------------------------------------------

# Prints the newest directory that contains all of the given programs.
find_bin() {
  local dir program
  while IFS= read -r dir; do
    for program in "$@"; do
      [[ -x $dir/$program ]] || continue 2
    done
    printf '%s\n' "$dir"
    return
  done < <(bin_candidates "$1" 2>/dev/null)
  return 1
}

# PROGRAM: prints PostgreSQL's directories, the preferred one first, and last the
# directory of PROGRAM in PATH.
bin_candidates() {
  printf '%s\n' /usr/lib/postgresql/*/bin /usr/pgsql-*/bin | sort -rV
  if has pg_config; then pg_config --bindir; fi
  if has "$1"; then dirname "$(readlink -f "$(command -v "$1")")"; fi
}

find_postgres() { find_bin initdb pg_ctl postgres; }

# Debian's /usr/bin/psql is a wrapper that exists even if no client is installed:
# only a client answers with its version.
has_postgres_clients() { psql --version >/dev/null 2>&1 && pg_dump --version >/dev/null 2>&1; }

missing_postgres_packages() {
  if [[ -z ${DBMIGRATE_TEST_POSTGRES_URL:-} ]] && ! find_postgres >/dev/null; then
    echo postgresql
  fi
  find_bin psql pg_dump >/dev/null || has_postgres_clients || echo postgresql-client
}

# Prints the package of the extension plpgsql_check for Debian's server, unless it is installed or there is none.
missing_extension_package() {
  local bin version
  [[ -z ${DBMIGRATE_TEST_POSTGRES_URL:-} ]] || return 0
  bin=$(find_postgres) && [[ $bin =~ ^/usr/lib/postgresql/([0-9]+)/bin$ ]] || return 0
  version=${BASH_REMATCH[1]}
  [[ ! -e /usr/share/postgresql/$version/extension/plpgsql_check.control ]] || return 0
  apt-cache show "postgresql-$version-plpgsql-check" >/dev/null 2>&1 || return 0
  echo "postgresql-$version-plpgsql-check"
}

# Debian's postgresql creates and starts a server when it is first installed,
# unless this file says no. The file is needed only during the installation.
without_system_cluster() {
  local file=/etc/postgresql-common/createcluster.d/dbmigrate-test.conf status=0
  as_root mkdir -p "${file%/*}"
  as_root tee "$file" >/dev/null <<<'create_main_cluster = false'
  "$@" || status=$?
  as_root rm -f "$file"
  return "$status"
}

# --- the server --------------------------------------------------------------

# Creates and starts a private server in the background.
begin_postgres() {
  [[ -z ${DBMIGRATE_TEST_POSTGRES_URL:-} ]] || return 0
  postgres_bin=$(find_postgres)
  postgres_password=$(random_hex)
  create_directory postgres "$temp/postgres"
  in_background create_and_start_postgres
  postgres_job=$!
}

finish_postgres() {
  if [[ -n $postgres_job ]]; then use_private_postgres; else use_given_postgres; fi
}

create_and_start_postgres() {
  create_postgres
  start_postgres
}

create_postgres() {
  local dir=$temp/postgres
  as_user postgres tee "$dir/password" >/dev/null <<<"$postgres_password"
  as_user postgres "$postgres_bin/initdb" --pgdata="$dir/data" --username=postgres --pwfile="$dir/password" \
    --auth=scram-sha-256 --encoding=UTF8 --locale=C --no-sync >"$dir/output" 2>&1 || show_log "$dir" "initdb failed"
  as_user postgres rm "$dir/password"
  as_user postgres tee -a "$dir/data/postgresql.conf" >/dev/null <<END
listen_addresses = '127.0.0.1'
unix_socket_directories = '$dir'
max_connections = 200
fsync = off
synchronous_commit = off
full_page_writes = off
END
}

start_postgres() {
  local dir=$temp/postgres port attempt
  for attempt in 1 2 3 4 5; do # another process may take the port first
    port=$(free_port)
    if as_user postgres "$postgres_bin/pg_ctl" start --silent --wait --timeout=60 --pgdata="$dir/data" \
      --log="$dir/log" --options="-p $port" >"$dir/output" 2>&1; then
      break
    fi
    ((attempt < 5)) || show_log "$dir" "the PostgreSQL server does not start"
  done
  echo "$port" >"$dir/port"
}

use_private_postgres() {
  local port
  wait "$postgres_job" || exit 1
  port=$(<"$temp/postgres/port")
  # These are for another server; sqlx and psql would read them.
  unset PGHOST PGHOSTADDR PGPORT PGUSER PGPASSWORD PGDATABASE PGOPTIONS PGSERVICE PGSSLMODE PGDATA
  export DBMIGRATE_TEST_POSTGRES_URL=postgres://postgres:$postgres_password@127.0.0.1:$port/postgres
  prefer_clients "$postgres_bin"
  say "PostgreSQL $("$postgres_bin/postgres" --version | version_of) on 127.0.0.1:$port"
}

# pg_dump refuses a server that is newer than itself.
prefer_clients() {
  if [[ -x $1/psql && -x $1/pg_dump ]]; then
    export PATH="$1:$PATH"
  fi
}

use_given_postgres() {
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

# The server may still be starting.
stop_postgres() {
  [[ -n $postgres_job ]] || return 0
  wait "$postgres_job" || true
  [[ -e $temp/postgres/data/postmaster.pid ]] || return 0
  as_user postgres "$postgres_bin/pg_ctl" stop --silent --wait --mode=immediate --pgdata="$temp/postgres/data" >&2 ||
    say "the server in $temp/postgres did not stop"
}
