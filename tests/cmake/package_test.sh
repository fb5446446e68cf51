#!/usr/bin/env bash
# Installs the build into a prefix, moves the prefix, then builds a program against the package and
# runs both it and prismctl.
set -euo pipefail

cmake=$1 build=$2 generator=$3 compiler=$4 sanitize=${5-}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

fail() {
  echo "package_test: $*" >&2
  exit 1
}

expect_file() {
  [[ -e $work/moved/$1 ]] || fail "not installed: $1"
}

"$cmake" --install "$build" --prefix "$work/prefix" >"$work/install.log" ||
  fail "cmake --install failed: $(cat "$work/install.log")"
mv "$work/prefix" "$work/moved"

expect_file include/prism/base/error.hpp
expect_file share/bash-completion/completions/prismctl
expect_file share/zsh/site-functions/_prismctl
expect_file share/fish/vendor_completions.d/prismctl.fish
expect_file share/man/man1/prismctl.1
expect_file share/man/man7/prismctl-exit-codes.7

mkdir "$work/consumer"
cat >"$work/consumer/CMakeLists.txt" <<'EOF'
cmake_minimum_required(VERSION 3.25)
project(consumer LANGUAGES CXX)
find_package(prism 0.1 REQUIRED)
add_executable(consumer main.cpp)
target_link_libraries(consumer PRIVATE prism::prism)
EOF
cat >"$work/consumer/main.cpp" <<'EOF'
#include <iostream>

#include <prism/base/error.hpp>

int main() { std::cout << prism::error_name(prism::ErrorCode::refused) << '\n'; }
EOF

# A library with a sanitizer asks for programs with the same one.
"$cmake" -S "$work/consumer" -B "$work/out" -G "$generator" -DCMAKE_PREFIX_PATH="$work/moved" \
  -DCMAKE_CXX_COMPILER="$compiler" -DCMAKE_CXX_FLAGS="${sanitize:+-fsanitize=$sanitize}" \
  >"$work/configure.log" 2>&1 || fail "find_package failed: $(cat "$work/configure.log")"
"$cmake" --build "$work/out" >"$work/build.log" 2>&1 || fail "no build: $(cat "$work/build.log")"

said=$("$work/out/consumer")
[[ $said == refused ]] || fail "the consumer said '$said', not 'refused'"
"$work/moved/bin/prismctl" --version >/dev/null || fail 'the installed prismctl does not start'
