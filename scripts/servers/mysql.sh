# shellcheck shell=bash disable=SC2154 # temp: in test.sh
# The MariaDB or MySQL server of the tests: a private one, or the one that
# DBMIGRATE_TEST_MYSQL_URL names. For scripts/test.sh.

mysql_process=

# --- installing what is missing ----------------------------------------------

# Prints the first of the given programs that is installed.
first_of() {
  local program
  for program in "$@"; do
    if has "$program"; then
      printf '%s\n' "$program"
      return
    fi
  done
  return 1
}

# Prints MariaDB's server, or else MySQL's: mysqld, which is also MariaDB's old name.
find_mysql() {
  if has mariadbd && has mariadb-install-db; then
    echo mariadbd
  elif has mysqld && [[ $(mysqld --version) != *MariaDB* ]]; then
    echo mysqld
  else
    return 1
  fi
}

# CHOSEN PRODUCT NAME NAME: in Debian, MariaDB's programs have both names, and
# MySQL's programs have only the second one.
program_for() {
  if [[ -n $1 ]]; then
    echo "$1"
  elif [[ $2 == MariaDB ]]; then
    first_of "$3" "$4"
  else
    first_of "$4" "$3"
  fi
}

find_mysql_client() { program_for "${DBMIGRATE_TEST_MYSQL_CLIENT:-}" "$1" mariadb mysql; }

find_mysql_dump() { program_for "${DBMIGRATE_TEST_MYSQL_DUMP:-}" "$1" mariadb-dump mysqldump; }

# Only the core of the server: without the package mariadb-server, there is no
# service that the system would start.
missing_mysql_packages() {
  if [[ -z ${DBMIGRATE_TEST_MYSQL_URL:-} ]] && ! find_mysql >/dev/null; then
    echo mariadb-server-core
  fi
  { find_mysql_client any && find_mysql_dump any; } >/dev/null || echo mariadb-client
}

# --- the private server ------------------------------------------------------

start_mysql() {
  local server password
  server=$(find_mysql)
  password=$(random_hex)
  create_mysql "$server"
  create_mysql_users "$password"
  run_mysql "$server" "$password"
}

create_mysql() {
  local dir=$temp/mysql
  local -a creator=(mariadb-install-db --no-defaults --skip-test-db)
  if [[ $1 == mysqld ]]; then creator=(mysqld --no-defaults --initialize-insecure); fi
  create_directory mysql "$dir"
  with_mysql_options as_user mysql "${creator[@]}" >"$dir/output" 2>&1 ||
    show_log "$dir" "${creator[0]} failed"
}

# Runs a command with the server's options: where its files are, and that they need
# not survive a power cut. Not every product and version knows the "loose" options.
with_mysql_options() {
  local dir=$temp/mysql
  "$@" --datadir="$dir/data" --socket="$dir/socket" --pid-file="$dir/pid" --tmpdir="$dir" \
    --bind-address=127.0.0.1 --skip-name-resolve --loose-mysqlx=OFF --max-connections=300 \
    --character-set-server=utf8mb4 --event-scheduler=ON --secure-file-priv= --skip-log-bin \
    --innodb-buffer-pool-size=64M --loose-innodb-log-file-size=16M --innodb-doublewrite=OFF \
    --innodb-flush-log-at-trx-commit=0 --loose-innodb-flush-method=nosync
}

# Creates the user of the URL, and sets a password for the user that exists.
create_mysql_users() {
  as_user mysql tee "$temp/mysql/users.sql" >/dev/null <<END
ALTER USER root@localhost IDENTIFIED BY '$1';
CREATE USER IF NOT EXISTS root@'127.0.0.1' IDENTIFIED BY '$1';
GRANT ALL PRIVILEGES ON *.* TO root@'127.0.0.1' WITH GRANT OPTION;
END
}

run_mysql() {
  local server=$1 password=$2 port attempt
  for attempt in 1 2 3 4 5; do # another process may take the port first
    port=$(free_port)
    write_mysql_defaults root "$password" 127.0.0.1 "$port"
    in_background become_mysql "$server" "$port"
    mysql_process=$!
    if mysql_answers; then break; fi
    stop_mysql
    ((attempt < 5)) || show_log "$temp/mysql" "the server $server does not start"
  done
  export DBMIGRATE_TEST_MYSQL_URL=mysql://root:$password@127.0.0.1:$port/mysql
  use_mysql "on 127.0.0.1:$port"
}

# The server replaces this shell, so that its process id is known.
become_mysql() {
  local -a user=()
  if ((EUID == 0)); then user=(--user=mysql); fi
  cd "$temp" || exit
  with_mysql_options exec "$1" --no-defaults ${user[@]+"${user[@]}"} --port="$2" \
    --init-file="$temp/mysql/users.sql" >"$temp/mysql/log" 2>&1
}

# Waits until the server answers, unless it has ended.
mysql_answers() {
  local deadline=$((SECONDS + 60))
  until ask_mysql 'DO 0' 2>/dev/null; do
    kill -0 "$mysql_process" 2>/dev/null && ((SECONDS < deadline)) || return 1
    sleep 0.1
  done
}

# The server is killed: its data is no longer needed.
stop_mysql() {
  [[ -n $mysql_process ]] || return 0
  kill -KILL "$mysql_process" 2>/dev/null || true
  wait "$mysql_process" 2>/dev/null || true
  mysql_process=
}

# --- any server --------------------------------------------------------------

provide_mysql() {
  # These are for another server; the clients would read them.
  unset MYSQL_HOST MYSQL_PWD MYSQL_TCP_PORT MYSQL_UNIX_PORT MYSQL_HOME MYSQL_GROUP_SUFFIX MYSQL_TEST_LOGIN_FILE MARIADB_HOME
  export DBMIGRATE_TEST_MYSQL_DEFAULTS_FILE=$temp/mysql.cnf
  if [[ -n ${DBMIGRATE_TEST_MYSQL_URL:-} ]]; then use_given_mysql; else start_mysql; fi
}

use_given_mysql() {
  local user password host port
  [[ $DBMIGRATE_TEST_MYSQL_URL =~ ^(mysql|mariadb)://([^:@/]+)(:([^@/]*))?@(\[[^]]+\]|[^:/?]+)(:([0-9]+))?(/.*)?$ ]] ||
    die "DBMIGRATE_TEST_MYSQL_URL is not of the form mysql://USER:PASSWORD@HOST:PORT/DATABASE"
  user=$(percent_decode "${BASH_REMATCH[2]}")
  password=$(percent_decode "${BASH_REMATCH[4]}")
  host=${BASH_REMATCH[5]//[\[\]]/}
  port=${BASH_REMATCH[7]:-3306}
  write_mysql_defaults "$user" "$password" "$host" "$port"
  ask_mysql 'DO 0' ||
    die "the server that DBMIGRATE_TEST_MYSQL_URL names does not answer: correct it, or unset it to have a server started"
  use_mysql "as given by DBMIGRATE_TEST_MYSQL_URL"
}

percent_decode() {
  local text=${1//\\/\\\\}
  printf '%b' "${text//%/\\x}"
}

# USER PASSWORD HOST PORT: writes an option file, because the clients do not
# understand URLs.
write_mysql_defaults() {
  local password=${2//\\/\\\\}
  (umask 077 && cat >"$DBMIGRATE_TEST_MYSQL_DEFAULTS_FILE") <<END
[client]
default-character-set = utf8mb4
protocol = tcp
user = "$1"
password = "${password//\"/\\\"}"
host = $3
port = $4

# From MariaDB 11.4 on, its clients refuse the certificates that MySQL makes for itself.
[client-mariadb]
disable-ssl-verify-server-cert
END
}

ask_mysql() {
  "$(find_mysql_client any)" --defaults-file="$DBMIGRATE_TEST_MYSQL_DEFAULTS_FILE" \
    --connect-timeout=15 --batch --skip-column-names --execute="$1" </dev/null
}

# From here on, the programs of the server's product are preferred.
use_mysql() {
  local version product=MySQL
  version=$(ask_mysql 'SELECT VERSION()')
  if [[ $version == *MariaDB* ]]; then product=MariaDB; fi
  DBMIGRATE_TEST_MYSQL_CLIENT=$(find_mysql_client $product)
  DBMIGRATE_TEST_MYSQL_DUMP=$(find_mysql_dump $product)
  export DBMIGRATE_TEST_MYSQL_CLIENT DBMIGRATE_TEST_MYSQL_DUMP
  say "$product $(version_of <<<"$version") $1"
  if [[ $product == MySQL && $("$DBMIGRATE_TEST_MYSQL_DUMP" --version) == *MariaDB* ]]; then
    say "$DBMIGRATE_TEST_MYSQL_DUMP is MariaDB's: its dumps of MySQL's generated columns cannot be read back"
  fi
}
