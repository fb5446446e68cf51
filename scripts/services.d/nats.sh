# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154,SC2016

services+=(nats nats-auth nats-tls nats-core)

nats_help='
  PRISM_TEST_NATS               nats:// URL, with JetStream; anyone may do anything
  PRISM_TEST_NATS_MONITOR       http:// URL of its monitoring'

nats_auth_help='
  PRISM_TEST_NATS_AUTH          URL of a user who may do anything
  PRISM_TEST_NATS_AUTH_READONLY URL of one who may ask JetStream, and change nothing
  PRISM_TEST_NATS_AUTH_NOJS     URL of one whose account has no JetStream'

nats_tls_help='
  PRISM_TEST_NATS_TLS           tls:// URL, with user and password
  PRISM_TEST_TLS_DIR            as of postgres'

nats_core_help='
  PRISM_TEST_NATS_CORE          URL of a server without JetStream'

nats_is_installed() {
  command -v nats-server >/dev/null
}

nats_auth_is_installed() { nats_is_installed; }
nats_core_is_installed() { nats_is_installed; }
nats_tls_is_installed() { nats_is_installed && command -v openssl >/dev/null; }

nats_start() {
  local port
  port=$(free_port)
  offer PRISM_TEST_NATS "nats://127.0.0.1:$port"
  nats_jetstream nats | nats_spawn nats "$port"
  offer PRISM_TEST_NATS_MONITOR "$(nats_monitor nats)"
  await nats
}

nats_auth_start() {
  local port password
  port=$(free_port)
  password=$(random_password)
  offer PRISM_TEST_NATS_AUTH "nats://prism:$password@127.0.0.1:$port"
  offer PRISM_TEST_NATS_AUTH_READONLY "nats://readonly:$password@127.0.0.1:$port"
  offer PRISM_TEST_NATS_AUTH_NOJS "nats://nojs:$password@127.0.0.1:$port"
  { nats_jetstream nats-auth && nats_accounts "$password"; } | nats_spawn nats-auth "$port"
  await nats-auth
}

nats_tls_start() {
  local port password home
  port=$(free_port)
  password=$(random_password)
  home=$(make_home nats-tls)
  copy_tls "$home"
  offer PRISM_TEST_NATS_TLS "tls://prism:$password@127.0.0.1:$port"
  offer PRISM_TEST_TLS_DIR "$dir/tls"
  {
    nats_jetstream nats-tls
    printf 'authorization { user: prism, password: "%s" }\n' "$password"
    echo 'tls { cert_file: "server.crt", key_file: "server.key" }'
  } | nats_spawn nats-tls "$port"
  await nats-tls
}

nats_core_start() {
  local port
  port=$(free_port)
  offer PRISM_TEST_NATS_CORE "nats://127.0.0.1:$port"
  nats_spawn nats-core "$port" </dev/null
  await nats-core
}

# Small limits would be those of the machine.
nats_jetstream() {
  printf 'jetstream { store_dir: "data", max_mem: 256MB, max_file: 16GB }\n'
}

nats_accounts() {
  cat <<TEXT
accounts {
  ALL: {
    jetstream: enabled
    users: [
      { user: prism, password: "$1" }
      { user: readonly, password: "$1", permissions: {
        publish: ["\$JS.API.INFO", "\$JS.API.STREAM.LIST", "\$JS.API.STREAM.INFO.>",
                  "\$JS.API.CONSUMER.LIST.>"],
        subscribe: ["_INBOX.>"] } }
    ]
  }
  NOJS: { users: [ { user: nojs, password: "$1" } ] }
}
TEXT
}

# nats_spawn MEMBER PORT: a server with the configuration of standard input as well, in its home.
nats_spawn() {
  local home monitor
  home=$(home_of "$1")
  [[ -n $home && -d $home ]] || home=$(make_home "$1")
  monitor=$(free_port)
  { nats_config "$2" "$monitor" && cat; } | write_config "$home/nats.conf"
  spawn "$1" nats-server -c "$home/nats.conf"
}

nats_config() {
  cat <<TEXT
listen: 127.0.0.1:$1
http: 127.0.0.1:$2
TEXT
}

nats_monitor() {
  echo "http://$(sed -n 's/^http: //p' "$(home_of "$1")/nats.conf")"
}

# Asks the monitoring port, its second argument being a path; prints what comes.
readonly nats_talk='exec 3<>"/dev/tcp/127.0.0.1/$1" &&
  printf "GET %s HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n" "$2" >&3 && cat <&3'

nats_asked() {
  local monitor
  monitor=$(nats_monitor "$1")
  [[ $(timeout 5 bash -c "$nats_talk" - "${monitor##*:}" "/healthz$2" 2>/dev/null) == 'HTTP/1.'?' 200 '* ]]
}

nats_ready() { nats_asked "$1" '?js-enabled-only=true'; }
nats_auth_ready() { nats_ready "$@"; }
nats_tls_ready() { nats_ready "$@"; }
nats_core_ready() { nats_asked "$1" ''; }
