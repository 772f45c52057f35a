# shellcheck shell=bash
# What the private servers of the tests have in common. For scripts/test.sh.
#
# Each server has its own directory below $temp for everything that it writes, and
# its own system user, password and port.

create_temp() {
  temp=$(mktemp -d /tmp/dbmigrate-test.XXXXXX) # short: a socket's path has at most 107 bytes
  chmod 711 "$temp"
}

# USER DIRECTORY: creates a directory for the user, and the user if there is none.
create_directory() {
  mkdir -m 700 "$2"
  ((EUID == 0)) || return 0
  getent passwd "$1" >/dev/null || useradd --system --shell /usr/sbin/nologin "$1"
  chown "$1": "$2"
}

# USER COMMAND ...: runs COMMAND as the user if this is root, because servers refuse
# to run as root.
as_user() {
  local -a user=()
  if ((EUID == 0)); then user=(runuser -u "$1" --); fi
  (cd "$temp" && ${user[@]+"${user[@]}"} env LC_ALL=C "${@:2}")
}

# Runs a command in its own process group, where Ctrl-C does not reach it: the
# script stops it at the end.
in_background() {
  set -m
  "$@" </dev/null &
  set +m
}

random_hex() { od -An -N16 -tx1 /dev/urandom | tr -d ' \n'; }

# Prints a free port below the range that the kernel uses for outgoing connections.
free_port() {
  local port
  while true; do
    port=$((20000 + (RANDOM << 15 | RANDOM) % 12000))
    (: <>"/dev/tcp/127.0.0.1/$port") 2>/dev/null || break
  done
  echo "$port"
}

# DIRECTORY MESSAGE: shows the output and the log in the directory, and fails.
show_log() {
  cat "$1/output" "$1/log" >&2 2>/dev/null || true
  die "$2; its output is above"
}
