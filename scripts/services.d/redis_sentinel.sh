# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154

services+=(redis-sentinel)

redis_sentinel_help='
  PRISM_TEST_REDIS_SENTINEL     HOST:PORT,... of three sentinels, quorum 2; the members are primary,
                                replica, sentinel-1 to sentinel-3; a failover takes some 2 s
  PRISM_TEST_REDIS_SENTINEL_MASTER
                                the name that they know the primary by'

redis_sentinel_is_installed() { redis_is_installed; }
redis_sentinel_ready() { redis_ready "$@"; }

redis_sentinel_start() {
  local number primary port
  local -a sentinels=()
  primary=$(free_port)
  redis_spawn redis-sentinel/primary "port $primary"
  await redis-sentinel/primary
  redis_spawn redis-sentinel/replica "port $(free_port)" "replicaof 127.0.0.1 $primary"
  # Sentinels ask for replicas when they begin, and then every 10 s only.
  await redis-sentinel/replica redis_sentinel_replica_is_linked
  for number in 1 2 3; do
    port=$(free_port)
    sentinels+=("127.0.0.1:$port")
    redis_sentinel_spawn "redis-sentinel/sentinel-$number" "$port" "$primary"
  done
  for number in 1 2 3; do
    await "redis-sentinel/sentinel-$number" redis_sentinel_knows_all "redis-sentinel/sentinel-$number"
  done
  offer PRISM_TEST_REDIS_SENTINEL "$(IFS=, && echo "${sentinels[*]}")"
  offer PRISM_TEST_REDIS_SENTINEL_MASTER prism
}

redis_sentinel_spawn() {
  local home
  home=$(make_home "$1")
  redis_sentinel_config "$home" "$2" "$3" | write_config "$home/sentinel.conf"
  spawn "$1" redis-server "$home/sentinel.conf" --sentinel
}

redis_sentinel_config() {
  cat <<TEXT
bind 127.0.0.1
port $2
dir "$1"
unixsocket "$1/redis.sock"
unixsocketperm 700
sentinel monitor prism 127.0.0.1 $3 2
sentinel down-after-milliseconds prism 500
sentinel failover-timeout prism 2000
TEXT
}

redis_sentinel_replica_is_linked() {
  [[ $(redis_says redis-sentinel/replica INFO replication) == *master_link_status:up* ]]
}

redis_sentinel_knows_all() {
  local said
  said=$(redis_says "$1" SENTINEL MASTER prism)
  said=${said//$'\n'/ }
  [[ $said == *' num-slaves 1 num-other-sentinels 2 '* ]] &&
    [[ $(redis_says "$1" SENTINEL CKQUORUM prism) == OK* ]]
}
