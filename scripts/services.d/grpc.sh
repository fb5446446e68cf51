# shellcheck shell=bash
# shellcheck disable=SC2016,SC2034,SC2154

services+=(grpc)

grpc_help='
  PRISM_TEST_GRPC               grpc:// URL of a server with grpc.health.v1, where `good` serves and `bad` does not
  PRISM_TEST_GRPC_TLS           grpcs:// URL of the same with TLS
  PRISM_TEST_TLS_DIR            as of postgres'

readonly grpc_requirements=scripts/services.d/grpc_requirements.txt
readonly grpc_venv=${XDG_CACHE_HOME:-~/.cache}/prismctl-services/grpc

grpc_is_installed() {
  cmp -s "$grpc_requirements" "$grpc_venv/$(basename "$grpc_requirements")" &&
    command -v openssl >/dev/null
}

# Complete only when its list is there.
grpc_install() (
  mkdir -p "$(dirname "$grpc_venv")"
  exec 9>&-
  exec 7>"$(dirname "$grpc_venv")/.lock"
  flock 7
  ! grpc_is_installed || exit 0
  say "grpc: installing $grpc_requirements into $grpc_venv"
  rm -rf "$grpc_venv"
  python3 -m venv "$grpc_venv" 7>&- &&
    "$grpc_venv/bin/pip" install --quiet --disable-pip-version-check --no-deps -r "$grpc_requirements" 7>&- &&
    cp "$grpc_requirements" "$grpc_venv"
)

grpc_start() {
  local home port tls_port
  home=$(make_home grpc)
  copy_tls "$home"
  port=$(free_port)
  tls_port=$(free_port)
  offer PRISM_TEST_GRPC "grpc://127.0.0.1:$port"
  offer PRISM_TEST_GRPC_TLS "grpcs://127.0.0.1:$tls_port"
  offer PRISM_TEST_TLS_DIR "$dir/tls"
  spawn grpc "$grpc_venv/bin/python" "$PWD/scripts/services.d/grpc_server.py" "$home" "$port" "$tls_port"
  await grpc
}

grpc_ready() { grep -qs 'serving' "$dir/grpc/log"; }
