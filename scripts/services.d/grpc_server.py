"""A server of grpc.health.v1 by the official packages: HOME PORT TLS_PORT."""

import pathlib
import sys
from concurrent import futures

import grpc
from grpc_health.v1 import health, health_pb2, health_pb2_grpc

home, port, tls_port = pathlib.Path(sys.argv[1]), sys.argv[2], sys.argv[3]
server = grpc.server(futures.ThreadPoolExecutor(max_workers=4))
servicer = health.HealthServicer()
servicer.set("good", health_pb2.HealthCheckResponse.SERVING)
servicer.set("bad", health_pb2.HealthCheckResponse.NOT_SERVING)
health_pb2_grpc.add_HealthServicer_to_server(servicer, server)
pair = ((home / "server.key").read_bytes(), (home / "server.crt").read_bytes())
server.add_insecure_port(f"127.0.0.1:{port}")
server.add_secure_port(f"127.0.0.1:{tls_port}", grpc.ssl_server_credentials([pair]))
server.start()
print("serving", flush=True)
server.wait_for_termination()
