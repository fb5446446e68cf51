# shellcheck shell=bash
# What the scripts share: messages, packages, the build. Source it after `cd` to the repository.

# shellcheck source=scripts/packages
source scripts/packages

script_name=$(basename "$0")

say() {
  printf '%s: %s\n' "$script_name" "$*" >&2
}

# fail CODE MESSAGE...
fail() {
  local code=$1
  shift
  say "$*"
  exit "$code"
}

is_installed() {
  [[ $(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null) == installed ]]
}

# May this run become root without being asked?
may_install() {
  ((EUID == 0)) || { command -v sudo >/dev/null && sudo -n true 2>/dev/null; }
}

as_root() {
  if ((EUID == 0)); then "$@"; else sudo -n "$@"; fi
}

# require_packages PACKAGE...: installs those that are missing, or says how to and exits with 69.
require_packages() {
  if ! command -v dpkg-query >/dev/null; then
    say "not a Debian system, so packages are not checked; needed are: $*"
    return
  fi
  local package
  local -a missing=()
  for package in "$@"; do
    is_installed "$package" || missing+=("$package")
  done
  if ((${#missing[@]} == 0)); then
    say "packages: all $# are installed"
    return
  fi
  if ! may_install; then
    say "packages: ${#missing[@]} missing, and only root can install them; run this as root, then scripts/$script_name again:"
    printf 'apt-get install -y %s\n' "${missing[*]}"
    exit 69
  fi
  install_packages "${missing[@]}"
}

# without_daemons COMMAND...: packages that it installs don't start theirs.
without_daemons() (
  policy=/usr/sbin/policy-rc.d
  if [[ ! -e $policy ]]; then
    trap 'as_root rm -f "$policy"' EXIT
    printf '#!/bin/sh\nexit 101\n' | as_root install -m 755 /dev/stdin "$policy"
  fi
  "$@"
)

install_packages() {
  say "packages: installing $*"
  local -a apt=(as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq -o Dpkg::Use-Pty=0)
  local log
  log=$(mktemp)
  # The lists of a fresh machine are empty, and old ones name files that are gone.
  if ! { "${apt[@]}" update && without_daemons "${apt[@]}" install -y --no-install-recommends "$@"; } \
      </dev/null >"$log" 2>&1; then
    cat "$log" >&2
    rm -f "$log"
    fail 69 "packages: apt-get failed; its words are above"
  fi
  rm -f "$log"
}

# What a clone has compiled serves the next one, wherever that lies; and ccache keeps nothing that
# comes with a precompiled header unless it is told that macros of date and time don't matter there.
export CCACHE_BASEDIR=$PWD CCACHE_NOHASHDIR=1
export CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime

# The tree of a preset.
build_dir() {
  echo "build/$1"
}

# configure PRESET [OPTION...]
configure() {
  local preset=$1
  shift
  local dir log
  dir=$(build_dir "$preset")
  # Changing the launcher of a tree would build all of it again.
  if command -v ccache >/dev/null && [[ ! -e $dir/CMakeCache.txt ]]; then
    set -- "$@" -DCMAKE_CXX_COMPILER_LAUNCHER=ccache
  fi
  say "configure: cmake --preset $preset $*"
  log=$(mktemp)
  if ! cmake --preset "$preset" "$@" >"$log" 2>&1; then
    cat "$log" >&2
    rm -f "$log"
    fail 1 "configure: failed"
  fi
  rm -f "$log"
}

# build PRESET [TARGET...]
build() {
  local preset=$1
  shift
  local -a command=(cmake --build --preset "$preset")
  (($# == 0)) || command+=(--target "$@")
  say "build: ${command[*]}"
  "${command[@]}" >&2 || fail 1 "build: failed"
}

# build_program PRESET: prismctl alone. A tree that scripts/test configured keeps its tests.
build_program() {
  local -a options=()
  [[ -e $(build_dir "$1")/CMakeCache.txt ]] || options=(-DPRISM_TESTS=OFF)
  configure "$1" "${options[@]}"
  build "$1" prismctl
}
