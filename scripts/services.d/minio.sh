# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154,SC2016

services+=(minio minio-tls)

minio_help='
  PRISM_TEST_S3                 http:// endpoint of MinIO, which speaks S3
  PRISM_TEST_S3_ACCESS_KEY, _SECRET_KEY
                                of its administrator
  PRISM_TEST_S3_BUCKET          a bucket that it has'

minio_tls_help='
  PRISM_TEST_S3_TLS             https:// endpoint of another one, with a bucket of the same name
  PRISM_TEST_S3_TLS_ACCESS_KEY, _SECRET_KEY
                                of its administrator
  PRISM_TEST_TLS_DIR            as of postgres'

readonly minio_version=v0.0.0-20260212201848-7aac2a2c5b7c
readonly minio_cache=${XDG_CACHE_HOME:-~/.cache}/prismctl-services
readonly minio_program=$minio_cache/minio-${minio_version##*-}

# ---- how it is had: a Go module ------------------------------------------------------------------

minio_is_installed() {
  [[ -x $minio_program ]]
}

minio_tls_is_installed() { minio_is_installed && command -v openssl >/dev/null; }

# Not while Neo4j is fetched under the lock of that folder: this takes longer.
minio_install() (
  command -v go >/dev/null || return 1
  mkdir -p "$minio_cache"
  exec 9>&-
  exec 7>"$minio_cache/.minio.lock"
  flock 7
  [[ -x $minio_program ]] || minio_build 7>&-
)

minio_tls_install() { minio_install; }

# Modules and compiled packages take 3 GB, and are of no use once the program is there.
minio_build() {
  local new=$minio_cache/.minio.new words
  say "minio: building $minio_program, which takes 7 minutes"
  rm -rf "$new" && mkdir "$new" || return 1
  if ! words=$(GOBIN=$new GOPATH=$new/path GOCACHE=$new/cache GOFLAGS=-modcacherw CGO_ENABLED=0 \
      nice go install -trimpath -ldflags '-s -w' "github.com/minio/minio@$minio_version" 2>&1 </dev/null); then
    say "go install: $words"
    rm -rf "$new"
    return 1
  fi
  mv "$new/minio" "$minio_program" && rm -rf "$new"
}

# ---- servers -------------------------------------------------------------------------------------

minio_start() {
  make_home minio >/dev/null
  minio_serve minio http PRISM_TEST_S3
}

minio_tls_start() {
  local home
  home=$(make_home minio-tls)
  mkdir "$home/certificates"
  copy_tls "$home/certificates"
  mv "$home/certificates/server.crt" "$home/certificates/public.crt"
  mv "$home/certificates/server.key" "$home/certificates/private.key"
  offer PRISM_TEST_TLS_DIR "$dir/tls"
  minio_serve minio-tls https PRISM_TEST_S3_TLS
}

# minio_serve MEMBER SCHEME VARIABLE: a folder that is there when it begins is a bucket.
minio_serve() {
  local home port password
  home=$(home_of "$1")
  port=$(free_port)
  password=$(random_password)
  mkdir -p "$home/data/prism-test"
  minio_config "$password" | write_config "$home/minio.env"
  offer "$3" "$2://127.0.0.1:$port"
  offer "$3_ACCESS_KEY" prism
  offer "$3_SECRET_KEY" "$password"
  offer PRISM_TEST_S3_BUCKET prism-test
  spawn "$1" env -u MINIO_ROOT_USER -u MINIO_ROOT_PASSWORD "MINIO_CONFIG_ENV_FILE=$home/minio.env" \
    "$minio_program" server --quiet --address "127.0.0.1:$port" --certs-dir "$home/certificates" \
    "$home/data"
  await "$1"
}

# What is written is synced by itself, as far as the file system knows that.
minio_config() {
  cat <<TEXT
MINIO_ROOT_USER=prism
MINIO_ROOT_PASSWORD=$1
MINIO_UPDATE=off
MINIO_BROWSER=off
MINIO_CALLHOME_ENABLE=off
TEXT
}

# ---- is it ready? --------------------------------------------------------------------------------

minio_ready() { minio_answers "$(offered minio PRISM_TEST_S3)"; }
minio_tls_ready() { minio_answers "$(offered minio-tls PRISM_TEST_S3_TLS)"; }

minio_answers() {
  [[ $(ask_http "$1" /minio/health/ready) == 'HTTP/1.'?' 200 '* ]]
}
