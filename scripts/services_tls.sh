# shellcheck shell=bash
# Certificates of scripts/services, one set for all servers of a DIR.
# shellcheck disable=SC2154  # dir: scripts/services

# make_tls: DIR/tls, made by whoever needs it first.
make_tls() {
  (
    flock 8
    [[ -e $dir/tls/complete ]] || make_certificates
  ) 8>"$dir/.tls.lock" 9>&-
}

make_certificates() (
  set -e
  umask 077
  rm -rf "$dir/tls"
  mkdir "$dir/tls"
  cd "$dir/tls" || exit
  make_authority ca 'prismctl test authority'
  make_authority other-ca 'an authority that nobody trusts'
  make_certificate server localhost serverAuth 'DNS:localhost,IP:127.0.0.1,IP:::1'
  make_certificate wrong-host wrong-host.invalid serverAuth DNS:wrong-host.invalid
  make_certificate expired localhost serverAuth 'DNS:localhost,IP:127.0.0.1,IP:::1' -1
  make_certificate client prism_cert clientAuth DNS:prism_cert
  touch complete
)

# make_authority FILE COMMON-NAME
make_authority() {
  openssl_quietly req -x509 "${new_key[@]}" -days 365 -subj "/CN=$2" \
    -addext 'keyUsage=critical,keyCertSign,cRLSign' -keyout "$1.key" -out "$1.crt"
}

# make_certificate FILE COMMON-NAME USE ALTERNATIVE-NAMES [DAYS]
make_certificate() {
  openssl_quietly req "${new_key[@]}" -subj "/CN=$2" -keyout "$1.key" -out "$1.csr"
  printf '%s\n' "subjectAltName=$4" "extendedKeyUsage=$3" 'basicConstraints=critical,CA:false' >"$1.ext"
  openssl_quietly x509 -req -in "$1.csr" -CA ca.crt -CAkey ca.key -CAcreateserial -days "${5-365}" \
    -extfile "$1.ext" -out "$1.crt"
  rm "$1.csr" "$1.ext"
}

new_key=(-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes)

openssl_quietly() {
  local words
  words=$(openssl "$@" 2>&1) || { say "openssl $1: $words"; return 1; }
}

# copy_tls HOME: what a server needs, owned by the home's owner: server.crt, server.key, ca.crt.
copy_tls() {
  local file of
  make_tls || return 1
  of=${PRISM_SERVICES_CERTIFICATE:-server}
  for file in "$of.crt:server.crt" "$of.key:server.key" ca.crt:ca.crt; do
    write_config "$1/${file#*:}" <"$dir/tls/${file%:*}" || return 1
  done
}
