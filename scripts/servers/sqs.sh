# shellcheck shell=bash disable=SC2154 # temp: in test.sh
# The queue server of the tests of the worker: moto, which speaks the protocol of Amazon SQS, in a virtual environment of
# its own, or the one that DBMIGRATE_TEST_SQS_URL names. For scripts/test.sh.

sqs_process=

# Debian has this part of Python in a package of its own.
missing_sqs_packages() {
  [[ -z ${DBMIGRATE_TEST_SQS_URL:-} ]] || return 0
  python3 -c 'import ensurepip, venv' 2>/dev/null || printf '%s\n' python3 python3-venv
}

provide_sqs() {
  if [[ -z ${DBMIGRATE_TEST_SQS_URL:-} ]]; then start_sqs; fi
}

start_sqs() {
  local dir=$temp/sqs port
  create_directory dbmigrate-sqs "$dir"
  as_user dbmigrate-sqs python3 -m venv "$dir/python" >"$dir/output" 2>&1 || show_log "$dir" "python3 -m venv failed"
  as_user dbmigrate-sqs env HOME="$dir" "$dir/python/bin/pip" --quiet --disable-pip-version-check --no-cache-dir \
    install 'moto[server]==5.2.5' >>"$dir/output" 2>&1 || show_log "$dir" "moto could not be installed"
  port=$(free_port)
  # shellcheck disable=SC2094 # the server writes its log there
  in_background as_user dbmigrate-sqs "$dir/python/bin/moto_server" -H 127.0.0.1 -p "$port" >>"$dir/output" 2>&1
  sqs_process=$!
  wait_for_sqs "$dir" "$port"
  export DBMIGRATE_TEST_SQS_URL=http://127.0.0.1:$port
}

wait_for_sqs() {
  local second
  for ((second = 0; second < 60; second++)); do
    (: <>"/dev/tcp/127.0.0.1/$2") 2>/dev/null && return
    kill -0 "$sqs_process" 2>/dev/null || break
    sleep 1
  done
  show_log "$1" "moto did not start"
}

stop_sqs() {
  [[ -n $sqs_process ]] || return 0
  kill -- "-$sqs_process" 2>/dev/null || true
  wait "$sqs_process" 2>/dev/null || true
  sqs_process=
}
