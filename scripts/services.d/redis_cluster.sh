# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154

services+=(redis-cluster)

redis_cluster_help='
  PRISM_TEST_REDIS_CLUSTER      redis+cluster://HOST:PORT,... of its members 1 to 6: three primaries,
                                then a replica of each; a failover takes some 4 s'

redis_cluster_is_installed() { redis_is_installed; }
redis_cluster_ready() { redis_ready "$@"; }

redis_cluster_start() {
  local node port
  local -a nodes=()
  for node in {1..6}; do
    port=$(free_port)
    nodes+=("127.0.0.1:$port")
    redis_spawn "redis-cluster/$node" "port $port" "cluster-port $(free_port)" \
      'cluster-enabled yes' 'cluster-node-timeout 2000' 'cluster-replica-validity-factor 0' \
      'cluster-allow-replica-migration no'
  done
  for node in {1..6}; do await "redis-cluster/$node"; done
  redis_cluster_create "${nodes[@]}"
  await redis-cluster/1 redis_cluster_is_whole
  offer PRISM_TEST_REDIS_CLUSTER "redis+cluster://$(IFS=, && echo "${nodes[*]}")"
}

redis_cluster_create() {
  local words
  if ! words=$(redis-cli --cluster create "$@" --cluster-replicas 1 --cluster-yes 2>&1); then
    say "redis-cli --cluster create: $words"
    return 1
  fi
}

# All nodes see all slots, and each primary has its replica.
redis_cluster_is_whole() {
  local node info replicas=0
  for node in {1..6}; do
    info=$(redis_says "redis-cluster/$node" CLUSTER INFO)
    [[ $info == *cluster_state:ok* && $info == *cluster_slots_ok:16384* ]] || return 1
    info=$(redis_says "redis-cluster/$node" INFO replication)
    [[ $info != *master_link_status:up* ]] || replicas=$((replicas + 1))
  done
  ((replicas == 3))
}
