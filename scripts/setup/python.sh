#!/usr/bin/env bash
# Installs what the Python example of docs/client.md needs, when it is not there. Without root or apt it names it and ends with 3.
set -euo pipefail

has_modules() { /usr/bin/python3 -c 'import grpc, google.protobuf' 2>/dev/null; }
if has_modules && command -v protoc >/dev/null; then exit 0; fi

install='apt-get install -y --no-install-recommends python3-grpcio python3-protobuf protobuf-compiler'
if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
  echo 'Missing: gRPC for Python (python3-grpcio, python3-protobuf) and protoc (protobuf-compiler).' >&2
  echo "On Debian, run this as root, then try again: apt-get update && $install" >&2
  exit 3
fi
echo 'Installing gRPC for Python' >&2
export DEBIAN_FRONTEND=noninteractive
apt-get update -q >&2
if ! $install >&2; then
  echo "apt-get could not install it; the command was: apt-get update && $install" >&2
  exit 3
fi
