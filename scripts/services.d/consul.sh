# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154

services+=(consul consul-acl consul-tls)

consul_help='
  PRISM_TEST_CONSUL             http:// address of a Consul server without ACLs'

consul_acl_help='
  PRISM_TEST_CONSUL_ACL         http:// address of another one, which denies by default
  PRISM_TEST_CONSUL_ACL_TOKEN   its management token'

consul_tls_help='
  PRISM_TEST_CONSUL_TLS         https:// address of another one, without ACLs
  PRISM_TEST_TLS_DIR            as of postgres'

readonly consul_version=1.21.0
readonly consul_cache=${XDG_CACHE_HOME:-~/.cache}/prismctl-services
readonly consul_program=$consul_cache/consul-$consul_version

# ---- how it is had: a Go module ------------------------------------------------------------------

consul_is_installed() {
  [[ -x $consul_program ]]
}

consul_acl_is_installed() { consul_is_installed; }
consul_tls_is_installed() { consul_is_installed && command -v openssl >/dev/null; }

# Not while Neo4j is fetched under the lock of that folder: this takes longer.
consul_install() (
  command -v go >/dev/null || return 1
  mkdir -p "$consul_cache"
  exec 9>&-
  exec 7>"$consul_cache/.consul.lock"
  flock 7
  [[ -x $consul_program ]] || consul_build 7>&-
)

consul_acl_install() { consul_install; }
consul_tls_install() { consul_install; }

# Modules and compiled packages take 2.5 GB, and are of no use once the program is there.
consul_build() (
  local new=$consul_cache/.consul.new words
  say "consul: building $consul_program, which takes 7 minutes"
  rm -rf "$new" && mkdir "$new" && cd "$new" || return 1
  if ! words=$(consul_make 2>&1 </dev/null); then
    say "go build: $(tail -n 15 <<<"$words")"
    rm -rf "$new"
    return 1
  fi
  mv consul "$consul_program" && rm -rf "$new"
)

# Its go.mod replaces modules, which `go install` refuses: it is a part of a module of ours. The sums
# are those that it is released with, for one of them can't be looked up any more.
consul_make() {
  local module=github.com/hashicorp/consul sums
  export GOPATH=$PWD/path GOCACHE=$PWD/cache GOFLAGS='-modcacherw -buildvcs=false' CGO_ENABLED=0
  consul_module >go.mod
  consul_no_clouds
  nice go mod download "$module@v$consul_version" || return 1
  sums=$(go list -m -f '{{.Dir}}' "$module@v$consul_version")/go.sum
  cp "$sums" go.sum && nice go get "$module@v$consul_version" &&
    nice go build -p 2 -trimpath -gcflags=all=-dwarf=false -ldflags '-s -w' -o consul "$module"
}

consul_module() {
  cat <<TEXT
module consul

go 1.23.8

exclude (
	github.com/hashicorp/go-msgpack v1.1.5
	github.com/hashicorp/go-msgpack v1.1.6
)

replace github.com/hashicorp/go-discover => ./go-discover
TEXT
}

# Other servers are looked for in nobody's cloud: the libraries of fourteen would take half of the
# time that all of it takes.
consul_no_clouds() {
  mkdir -p go-discover/provider/k8s
  echo 'module github.com/hashicorp/go-discover' >go-discover/go.mod
  cat >go-discover/discover.go <<'TEXT'
package discover

import (
	"errors"
	"log"
)

type Provider interface {
	Addrs(map[string]string, *log.Logger) ([]string, error)
	Help() string
}

type Discover struct{}
type Option func(*Discover) error

var Providers map[string]Provider

func New(...Option) (*Discover, error)         { return &Discover{}, nil }
func WithUserAgent(string) Option              { return nil }
func WithProviders(map[string]Provider) Option { return nil }
func (*Discover) Names() []string              { return nil }
func (*Discover) Addrs(string, *log.Logger) ([]string, error) {
	return nil, errors.New("built without clouds")
}
TEXT
  cat >go-discover/provider/k8s/k8s.go <<'TEXT'
package k8s

import "log"

type Provider struct{}

func (*Provider) Addrs(map[string]string, *log.Logger) ([]string, error) { return nil, nil }
func (*Provider) Help() string                                           { return "" }
TEXT
}

# ---- servers -------------------------------------------------------------------------------------

consul_start() {
  consul_home consul >/dev/null
  consul_serve consul http PRISM_TEST_CONSUL ''
}

consul_acl_start() {
  local token
  token=$(random_uuid)
  consul_home consul-acl >/dev/null
  offer PRISM_TEST_CONSUL_ACL_TOKEN "$token"
  consul_serve consul-acl http PRISM_TEST_CONSUL_ACL "acl {
  enabled = true
  default_policy = \"deny\"
  tokens { initial_management = \"$token\" }
}"
}

consul_tls_start() {
  local home
  home=$(consul_home consul-tls)
  copy_tls "$home"
  offer PRISM_TEST_TLS_DIR "$dir/tls"
  consul_serve consul-tls https PRISM_TEST_CONSUL_TLS "tls { defaults {
  ca_file = \"$home/ca.crt\"
  cert_file = \"$home/server.crt\"
  key_file = \"$home/server.key\"
} }"
}

# consul_home MEMBER: every change is synced, which can't be turned off: there that takes no time.
consul_home() {
  if durable || [[ ! -w /dev/shm ]]; then
    make_home "$1"
  else
    mkdir -p "$dir/$1"
    ln -s "$(mktemp -d /dev/shm/prism-service-XXXXXX)" "$dir/$1/home"
    home_of "$1"
  fi
}

# consul_serve MEMBER SCHEME VARIABLE SETTINGS
consul_serve() {
  local home port
  home=$(home_of "$1")
  port=$(free_port)
  { consul_config "$home" "$2" "$port" && echo "$4"; } | write_config "$home/consul.hcl"
  offer "$3" "$2://127.0.0.1:$port"
  spawn "$1" env -u CONSUL_HTTP_ADDR -u CONSUL_HTTP_TOKEN "TMPDIR=$home" "$consul_program" agent \
    "-config-file=$home/consul.hcl"
  await "$1"
}

# consul_config HOME SCHEME PORT: one server, which elects itself at once.
consul_config() {
  cat <<TEXT
server = true
bootstrap = true
node_name = "prism-test"
data_dir = "$1/data"
bind_addr = "127.0.0.1"
client_addr = "127.0.0.1"
log_level = "warn"
disable_update_check = true
performance { raft_multiplier = 1 }
ports {
  http = $([[ $2 == http ]] && echo "$3" || echo -1)
  https = $([[ $2 == https ]] && echo "$3" || echo -1)
  server = $(free_port)
  serf_lan = $(free_port)
  serf_wan = -1
  dns = -1
  grpc = -1
  grpc_tls = -1
}
TEXT
}

# ---- is it ready? --------------------------------------------------------------------------------

# consul_answers NAME VARIABLE: it knows a leader, and that one reads.
consul_answers() {
  local url token
  url=$(offered "$1" "$2")
  token=$(offered "$1" "$2_TOKEN")
  [[ $(ask_http "$url" /v1/status/leader) == *'"127.0.0.1:'* ]] &&
    [[ $(ask_http "$url" /v1/kv/none "X-Consul-Token: $token") == 'HTTP/1.'?' 404 '* ]]
}

consul_ready() { consul_answers consul PRISM_TEST_CONSUL; }
consul_acl_ready() { consul_answers consul-acl PRISM_TEST_CONSUL_ACL; }
consul_tls_ready() { consul_answers consul-tls PRISM_TEST_CONSUL_TLS; }
