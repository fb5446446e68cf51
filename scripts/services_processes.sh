# shellcheck shell=bash
# Processes of scripts/services. A member is a process of a service: NAME, or NAME/N where there are
# several. DIR/MEMBER/ holds its log, pid, command and home, where its data and sockets are.
# shellcheck disable=SC2154  # dir: scripts/services

# The kernel keeps 108 bytes for the path of a socket, and PostgreSQL adds '/.s.PGSQL.12345'.
readonly longest_home=90

# PostgreSQL and PgBouncer refuse to be root.
as_server_user=()
if ((EUID == 0)); then
  server_user=postgres
  id -u "$server_user" >/dev/null 2>&1 || server_user=nobody
  as_server_user=(setpriv "--reuid=$server_user" "--regid=$(id -g "$server_user")" --clear-groups)
fi

# make_home MEMBER [user]: its new home; with `user` one of the user that as_server_user becomes.
# Where that user may not come, or the path is too long for a socket, it is a folder in /tmp.
make_home() {
  local at=$dir/$1 as=${2-}
  mkdir -p "$at/home"
  [[ -z $as ]] || own_home "$at/home"
  if ((${#at} + 5 > longest_home)) || ! may_use "$at/home" "$as"; then
    rmdir "$at/home"
    ln -s "$(mktemp -d /tmp/prism-service-XXXXXX)" "$at/home"
    [[ -z $as ]] || own_home "$(readlink "$at/home")"
  fi
  chmod 700 "$(home_of "$1")"
  home_of "$1"
}

own_home() {
  ((EUID != 0)) || chown "$server_user:" "$1"
}

may_use() {
  [[ -z $2 ]] || "${as_server_user[@]}" test -w "$1" -a -x "$1"
}

home_of() {
  readlink -f "$dir/$1/home"
}

# write_config FILE: what comes on standard input, for the owner of the file's folder only.
write_config() {
  (umask 077 && cat >"$1")
  chown --reference="$(dirname "$1")" "$1"
}

# free_port: below the ports that the kernel gives to clients, so that a restarted server finds it
# free again. Another one may still take it first: then the start is tried again.
free_port() {
  local port
  for _ in {1..100}; do
    port=$((10000 + SRANDOM % 22000))
    (: <"/dev/tcp/127.0.0.1/$port") 2>/dev/null || break
  done
  echo "$port"
}

random_password() {
  od -An -N12 -tx1 /dev/urandom | tr -d ' \n'
}

random_uuid() {
  cat /proc/sys/kernel/random/uuid
}

# Sends its input to a host and port, and prints what comes.
# shellcheck disable=SC2016
readonly talk='exec 3<>"/dev/tcp/$1/$2" && cat >&3 && cat <&3'

# ask_http URL PATH [HEADER]: prints what is answered to a GET, head and all. Certificates aren't
# looked at.
ask_http() {
  local address=${1#*//}
  printf 'GET %s HTTP/1.0\r\nHost: %s\r\n%s\r\n' "$2" "$address" "${3:+$3$'\r\n'}" |
    case $1 in
      https:*) timeout 5 openssl s_client -quiet -connect "$address" ;;
      *) timeout 5 bash -c "$talk" - "${address%:*}" "${address##*:}" ;;
    esac 2>/dev/null
}

# ---- a process and its pid file ------------------------------------------------------------------

# identity PID: pid, start time and boot, which no other process ever shares; 1 if it has ended.
identity() {
  local stat
  read -r stat 2>/dev/null <"/proc/$1/stat" || return 1
  local -a fields
  read -ra fields <<<"${stat##*) }"
  [[ ${fields[0]} != [ZX] ]] || return 1
  echo "$1 ${fields[19]} $(</proc/sys/kernel/random/boot_id)"
}

# is_process IDENTITY...: is it still the one that was noted?
is_process() {
  [[ $(identity "$1") == "$*" ]]
}

# pid_of MEMBER: nothing and 1 where its process is gone, whoever has that number now.
pid_of() {
  local noted
  read -r noted 2>/dev/null <"$dir/$1/pid" || return 1
  # shellcheck disable=SC2086  # three words
  [[ ${noted%% *} =~ ^[1-9][0-9]*$ ]] && is_process $noted && echo "${noted%% *}"
}

is_up() {
  pid_of "$1" >/dev/null
}

# spawn MEMBER COMMAND...: starts it in its home, in a session of its own.
spawn() {
  local member=$1
  shift
  (umask 077 && printf '%s\0' "$@" >"$dir/$member/command")
  spawn_again "$member"
}

spawn_again() {
  local at=$dir/$1
  local -a command
  mapfile -d '' -t command <"$at/command"
  # Descriptor 9 is the lock of DIR, which no server may keep.
  (cd "$at/home" && exec setsid "${command[@]}" </dev/null >>"$at/log" 2>&1 9>&-) &
  identity $! >"$at/pid" || true
}

# await MEMBER [CHECK...]: until CHECK succeeds; default: until it answers.
await() {
  local member=$1 name=${1%%/*}
  shift
  (($# > 0)) || set -- "${name//-/_}_ready" "$member"
  local limit until
  limit=$(limit_of "$member")
  until=$((SECONDS + limit))
  until "$@" 9>&-; do
    is_up "$member" || { tell_log "$member" "ended"; return 1; }
    ((SECONDS < until)) || { tell_log "$member" "does not answer within $limit s"; return 1; }
    sleep 0.03
  done
}

# limit_of MEMBER: seconds that a start or a stop may take.
limit_of() {
  local own=${1%%/*}
  own=${own//-/_}_time_limit
  echo $((${!own-0} > time_limit ? ${!own-0} : time_limit))
}

tell_log() {
  say "$1 $2; the end of $dir/$1/log:"
  tail -n 15 "$dir/$1/log" | sed 's/^/  /' >&2
}

# signal SIGNAL MEMBER: nothing where it has ended.
signal() {
  local pid
  pid=$(pid_of "$2") || return 0
  kill -s "$1" "$pid" 2>/dev/null || true
}

children_of() {
  cat "/proc/$1/task/$1/children" 2>/dev/null || true
}

# kill_all MEMBER: with its children, as when the machine fails: those of PostgreSQL would go on.
kill_all() {
  local pid child line
  local -a children=()
  pid=$(pid_of "$1") || return 0
  for child in $(children_of "$pid"); do
    line=$(identity "$child") && children+=("$line")
  done
  signal KILL "$1"
  # shellcheck disable=SC2086  # three words
  for line in "${children[@]}"; do
    ! is_process $line || kill -s KILL "${line%% *}" 2>/dev/null || true
    while is_process $line; do sleep 0.01; done
  done
  await_end "$1"
}

# await_end MEMBER: 1 when it goes on.
await_end() {
  local until=$((SECONDS + $(limit_of "$1")))
  while is_up "$1"; do
    ((SECONDS < until)) || return 1
    sleep 0.02
  done
}
