# shellcheck shell=bash
# shellcheck disable=SC2016,SC2030,SC2031,SC2034,SC2154

services+=(neo4j neo4j-tls)

neo4j_help='
  PRISM_TEST_NEO4J              bolt:// URL of its administrator; Community, no TLS, heap of 512 MB
  PRISM_TEST_NEO4J_IMPORT_DIR   where LOAD CSV finds file:///NAME
  PRISM_TEST_NEO4J_HOME         its conf/neo4j.conf is read at a restart, data/ is for offline tools
  PRISM_TEST_NEO4J_ADMIN        a neo4j-admin, in place as long as the home; works on NEO4J_HOME and
                                NEO4J_CONF (default: its conf/), else on the home of this server'

neo4j_tls_help='
  PRISM_TEST_NEO4J_TLS          bolt+s:// URL; TLS is required, a password is not
  PRISM_TEST_TLS_DIR            as of postgres'

# On two busy cores a start takes up to 30 s.
neo4j_time_limit=120
neo4j_tls_time_limit=120

readonly neo4j_version=5.26.30
readonly neo4j_cache=${XDG_CACHE_HOME:-~/.cache}/prismctl-services
readonly neo4j_jars=$neo4j_cache/neo4j-$neo4j_version

# ---- how it is had: jars of Maven Central --------------------------------------------------------

neo4j_is_installed() {
  neo4j_java >/dev/null && [[ -d $neo4j_jars && -e $(neo4j_classes) ]]
}

neo4j_tls_is_installed() { neo4j_is_installed && command -v openssl >/dev/null; }

# Debian's 17 where it is there, for other versions need not work.
neo4j_java() {
  local -a found=(/usr/lib/jvm/java-17-openjdk-*/bin/java)
  if [[ -x ${found[0]} ]]; then echo "${found[0]}"; else command -v java; fi
}

neo4j_install() (
  mkdir -p "$neo4j_cache"
  exec 9>&-
  exec 7>"$neo4j_cache/.lock"
  flock 7
  [[ -d $neo4j_jars ]] || neo4j_fetch || return 1
  [[ -e $(neo4j_classes) ]] || neo4j_make_classes 7>&-
)

neo4j_tls_install() { neo4j_install; }

# Built once, in a folder that bears the right name only when it is complete.
neo4j_fetch() {
  local new=$neo4j_cache/.new words
  say "neo4j: fetching its jars into $neo4j_jars, which takes 2 minutes"
  rm -rf "$new" && mkdir "$new" || return 1
  neo4j_pom >"$new/pom.xml"
  if ! words=$(cd "$new" && mvn -B -q -Dmaven.repo.local="$new/repository" \
      org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy-dependencies \
      -DincludeScope=runtime -DoutputDirectory="$new/jars" 2>&1 </dev/null 7>&-); then
    say "mvn: $words"
    rm -rf "$new"
    return 1
  fi
  mv "$new/jars" "$neo4j_jars" && rm -rf "$new"
}

neo4j_pom() {
  cat <<TEXT
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>prismctl</groupId>
  <artifactId>services</artifactId>
  <version>1</version>
  <dependencies>
    <dependency>
      <groupId>org.neo4j</groupId>
      <artifactId>neo4j</artifactId>
      <version>$neo4j_version</version>
    </dependency>
  </dependencies>
</project>
TEXT
}

# Its classes as this very Java keeps them in memory, which makes a start twice as fast. Another
# Java would ignore them without a word.
neo4j_classes() {
  local java release
  java=$(readlink -f "$(neo4j_java)")
  release=$(cksum "${java%/bin/java}/release" 2>/dev/null || "$java" -version 2>&1 | cksum)
  echo "$neo4j_cache/neo4j-$neo4j_version-${release%% *}.jsa"
}

# They are written by a server when it ends, with those that the first queries of a test need.
neo4j_make_classes() (
  forget_settings
  classes=$(neo4j_classes)
  dir=$(mktemp -d /tmp/prism-service-XXXXXX)
  trap 'kill_all neo4j; rm -rf "$dir"' EXIT
  say "neo4j: writing $classes"
  mkdir "$dir/neo4j"
  make_home neo4j >/dev/null
  neo4j_configure neo4j "$(free_port)" dbms.security.auth_enabled=false
  neo4j_spawn neo4j "-XX:ArchiveClassesAtExit=$classes.new" -Xlog:disable
  await neo4j && neo4j_ask_first && signal TERM neo4j && await_end neo4j &&
    mv "$classes.new" "$classes"
)

# The connection ends with the server.
neo4j_ask_first() {
  neo4j_first_queries | bash -c "$neo4j_talk" - "$(neo4j_port neo4j)" >"$dir/answers" &
  await neo4j grep -aqs 'all asked' "$dir/answers"
}

# In Bolt 4.4, as the documentation of Bolt has it: HELLO, then RUN and PULL of each.
neo4j_first_queries() {
  local query
  printf '\x60\x60\xb0\x17\0\0\4\4\0\0\0\0\0\0\0\0\0\0\0\0'
  printf '\0\x1e\xb1\1\xa2\x8auser_agent\x83p/1\x86scheme\x84none\0\0'
  for query in 'CREATE CONSTRAINT FOR (e:Entity) REQUIRE e.uid IS UNIQUE' \
    'CALL db.awaitIndexes(60)' \
    'UNWIND range(1, 99) AS u MERGE (e:Entity {uid: u}) SET e += {name: "n"}' \
    'UNWIND range(1, 99) AS u MATCH (e:Entity {uid: u}) CREATE (e)-[:role]->(f:Fact {uid: u})' \
    'MATCH (e:Entity)-[r:role]->(f:Fact) RETURN e, r, f.uid ORDER BY f.uid SKIP 9 LIMIT 9' \
    'MATCH (n) WITH n LIMIT 200 DETACH DELETE n RETURN count(*)' 'RETURN "all asked"'; do
    neo4j_query "$query"
  done
}

# neo4j_query QUERY: of less than 256 bytes.
neo4j_query() {
  local size=$((${#1} + 6))
  # shellcheck disable=SC2059  # the sizes are bytes
  printf "\\x$(printf %02x $((size / 256)))\\x$(printf %02x $((size % 256)))\\xb3\\x10\\xd0\\x$(printf %02x ${#1})"
  printf '%s\xa0\xa0\0\0' "$1"
  printf '\0\6\xb1\x3f\xa1\x81n\xff\0\0'
}

# ---- servers -------------------------------------------------------------------------------------

neo4j_start() {
  local home port password
  local -a settings
  home=$(make_home neo4j)
  port=$(free_port)
  password=$(random_password)
  mapfile -t settings < <(printf %s "${PRISM_SERVICES_SET-}")
  neo4j_configure neo4j "$port" "${settings[@]}"
  neo4j_write_admin "$home"
  neo4j_set_password "$home" "$password"
  offer PRISM_TEST_NEO4J "bolt://neo4j:$password@127.0.0.1:$port"
  offer PRISM_TEST_NEO4J_HOME "$home"
  offer PRISM_TEST_NEO4J_IMPORT_DIR "$home/import"
  offer PRISM_TEST_NEO4J_ADMIN "$home/neo4j-admin"
  neo4j_spawn neo4j
  await neo4j
}

neo4j_tls_start() {
  local home port
  home=$(make_home neo4j-tls)
  port=$(free_port)
  copy_tls "$home"
  neo4j_configure neo4j-tls "$port" dbms.security.auth_enabled=false server.bolt.tls_level=REQUIRED \
    dbms.ssl.policy.bolt.{enabled=true,client_auth=NONE,"base_directory=$home"} \
    dbms.ssl.policy.bolt.{private_key=server.key,public_certificate=server.crt}
  offer PRISM_TEST_NEO4J_TLS "bolt+s://127.0.0.1:$port"
  offer PRISM_TEST_TLS_DIR "$dir/tls"
  PRISM_SERVICES_SHORT_LIVED=1 neo4j_spawn neo4j-tls
  await neo4j-tls
}

# neo4j_configure MEMBER PORT SETTING...: what it commits is always written with fsync.
neo4j_configure() {
  local home
  home=$(home_of "$1")
  mkdir "$home"/{conf,import}
  { neo4j_config "$home" "$2" && printf '%s\n' "${@:3}"; } | write_config "$home/conf/neo4j.conf"
}

# Without the quiet period a stop takes 0.5 s, with it 10 s.
neo4j_config() {
  cat <<TEXT
server.default_listen_address=127.0.0.1
server.bolt.listen_address=127.0.0.1:$2
server.http.enabled=false
server.https.enabled=false
server.directories.import=$1/import
server.memory.pagecache.size=128m
dbms.usage_report.enabled=false
db.tx_log.preallocate=false
internal.dbms.bolt.netty_server_shutdown_quiet_period=0
TEXT
}

# neo4j_spawn MEMBER JAVA-OPTION...
neo4j_spawn() {
  local home
  local -a java
  home=$(home_of "$1")
  mapfile -t java < <(neo4j_java_words)
  spawn "$1" "${java[@]}" -Xms512m -Xmx512m "${@:2}" org.neo4j.server.CommunityEntryPoint \
    "--home-dir=$home" "--config-dir=$home/conf" --console-mode
}

# In the first seconds of a server the optimising compiler takes a fifth of the processor, or more.
# The classes in memory are of this very class path, no pattern.
neo4j_java_words() {
  local name
  local -a jars=("$neo4j_jars"/*.jar)
  printf '%s\n' "$(neo4j_java)" -cp "$(IFS=: && echo "${jars[*]}")"
  [[ ${PRISM_SERVICES_SHORT_LIVED-} != 1 ]] || printf '%s\n' -XX:TieredStopAtLevel=1 -XX:+UseSerialGC
  [[ ! -e $(neo4j_classes) ]] || echo "-XX:SharedArchiveFile=$(neo4j_classes)"
  for name in java.io java.nio java.util.concurrent sun.nio.ch; do
    echo "--add-opens=java.base/$name=ALL-UNNAMED"
  done
}

neo4j_write_admin() {
  local -a java
  mapfile -t java < <(neo4j_java_words)
  write_config "$1/neo4j-admin" <<TEXT
#!/bin/sh
export NEO4J_HOME="\${NEO4J_HOME:-$1}"
export NEO4J_CONF="\${NEO4J_CONF:-\$NEO4J_HOME/conf}"
exec $(printf "'%s' " "${java[@]}" org.neo4j.cli.AdminTool) "\$@"
TEXT
  chmod u+x "$1/neo4j-admin"
}

# In a file of arguments, for those of a process are seen by everyone.
neo4j_set_password() {
  local words
  write_config "$1/password" <<<"$2"
  if ! words=$("$1/neo4j-admin" dbms set-initial-password "@$1/password" 2>&1); then
    say "neo4j-admin: $words"
    return 1
  fi
  rm "$1/password"
}

# ---- is it ready? --------------------------------------------------------------------------------

# An offer of Bolt 5.0 to 5.8 and 4.4, then the message that says goodbye: the server hangs up.
neo4j_hello() {
  printf '\x60\x60\xb0\x17\0\x8\x8\x5\0\0\x4\x4\0\0\0\0\0\0\0\0\0\x2\xb0\x2\0\0'
}

# It chooses a version, as four bytes.
neo4j_chose() {
  [[ $(head -c 4 | od -An -tx1) =~ ^\ 00\ 00\ 0[0-9a]\ 0[45]$ ]]
}

neo4j_port() {
  sed -n 's/^server.bolt.listen_address=.*://p' "$(home_of "$1")/conf/neo4j.conf"
}

# Sends its input to the port of its first argument, and prints what comes.
readonly neo4j_talk='exec 3<>"/dev/tcp/127.0.0.1/$1" && cat >&3 && cat <&3'

neo4j_ready() {
  local port
  port=$(neo4j_port "$1")
  neo4j_says_started "$1" &&
    neo4j_hello | timeout 5 bash -c "$neo4j_talk" - "$port" 2>/dev/null | neo4j_chose
}

neo4j_tls_ready() {
  local address
  address=127.0.0.1:$(neo4j_port "$1")
  neo4j_says_started "$1" &&
    neo4j_hello | timeout 5 openssl s_client -quiet -connect "$address" 2>/dev/null | neo4j_chose
}

neo4j_says_started() {
  [[ $(grep -oE 'INFO  (Starting|Started)' "$dir/$1/log" | tail -n 1) == *Started ]]
}
