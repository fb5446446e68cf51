# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154,SC2016

services+=(redis redis-acl redis-tls)

redis_help='
  PRISM_TEST_REDIS              URL without a database; 0 to 16383 are there
  PRISM_TEST_REDIS_SOCKET       path of its Unix socket'

redis_acl_help='
  PRISM_TEST_REDIS_ACL          URL of a user who may do anything
  PRISM_TEST_REDIS_ACL_DEFAULT  URL of the default user, with a password alone
  PRISM_TEST_REDIS_ACL_NORESTORE, _NOSWAP, _READONLY, _RLC
                                URLs of users without RESTORE; without SWAPDB, FLUSHDB, FLUSHALL;
                                with nothing that writes; with keys rlc:* only'

redis_tls_help='
  PRISM_TEST_REDIS_TLS          rediss:// URL; client certificates are optional (PRISM_TEST_TLS_DIR)'

redis_is_installed() {
  command -v redis-server redis-cli >/dev/null
}

redis_acl_is_installed() { redis_is_installed; }
redis_tls_is_installed() { redis_is_installed && command -v openssl >/dev/null; }

redis_start() {
  local port
  port=$(free_port)
  redis_spawn redis "port $port" 'databases 16384'
  offer PRISM_TEST_REDIS "redis://127.0.0.1:$port"
  offer PRISM_TEST_REDIS_SOCKET "$(home_of redis)/redis.sock"
  await redis
}

redis_acl_start() {
  local port password
  port=$(free_port)
  password=$(random_password)
  (umask 077 && echo "$password" >"$dir/redis-acl/password")
  redis_spawn redis-acl "port $port" "requirepass $password" \
    "user prism_full on >$password ~* &* +@all" \
    "user prism_norestore on >$password ~* &* +@all -restore" \
    "user prism_noswap on >$password ~* &* +@all -swapdb -flushdb -flushall" \
    "user prism_readonly on >$password ~* &* +@all -@write -@admin -@dangerous +info" \
    "user prism_rlc on >$password ~rlc:* &* +@all"
  redis_acl_offer "$password@127.0.0.1:$port"
  await redis-acl
}

redis_acl_offer() {
  local user
  offer PRISM_TEST_REDIS_ACL "redis://prism_full:$1"
  offer PRISM_TEST_REDIS_ACL_DEFAULT "redis://:$1"
  for user in norestore noswap readonly rlc; do
    offer "PRISM_TEST_REDIS_ACL_${user^^}" "redis://prism_$user:$1"
  done
}

redis_tls_start() {
  local port home
  port=$(free_port)
  make_tls
  redis_spawn redis-tls 'port 0' "tls-port $port" 'tls-auth-clients optional' \
    'tls-cert-file "server.crt"' 'tls-key-file "server.key"' 'tls-ca-cert-file "ca.crt"'
  offer PRISM_TEST_REDIS_TLS "rediss://127.0.0.1:$port"
  offer PRISM_TEST_TLS_DIR "$dir/tls"
  await redis-tls
}

# redis_spawn MEMBER LINE...: a server with these lines in its configuration, in a new home.
redis_spawn() {
  local member=$1 home
  shift
  home=$(make_home "$member")
  [[ $member != redis-tls ]] || copy_tls "$home"
  { redis_config "$home" && printf '%s\n' "$@"; } | write_config "$home/redis.conf"
  spawn "$member" redis-server "$home/redis.conf"
}

# Replicas and a stop wait for nothing; DEBUG (SLEEP, RELOAD) is for tests of faults.
redis_config() {
  cat <<TEXT
bind 127.0.0.1
dir "$1"
unixsocket "$1/redis.sock"
unixsocketperm 700
enable-debug-command local
repl-diskless-sync-delay 0
shutdown-timeout 0
save ""
TEXT
  if durable; then printf '%s\n' 'appendonly yes' 'appendfsync always'; fi
}

# redis_says MEMBER COMMAND...: by its Unix socket, which is nobody else's.
redis_says() {
  local member=$1 password=$dir/$1/password
  shift
  [[ ! -e $password ]] || local -x REDISCLI_AUTH=
  [[ ! -e $password ]] || REDISCLI_AUTH=$(<"$password")
  redis-cli -s "$(home_of "$member")/redis.sock" "$@" 2>&1
}

redis_ready() {
  [[ $(redis_says "$1" PING) == PONG ]]
}

redis_acl_ready() { redis_ready "$@"; }
redis_tls_ready() { redis_ready "$@"; }
