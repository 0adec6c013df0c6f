#!/usr/bin/env bash
# Installs the container runtimes that tests of real containers need, when they are missing. Without root or apt it names them
# and ends with 3.
set -euo pipefail

missing=()
for package in runc podman containerd; do
  command -v "$package" >/dev/null || missing+=("$package")
done
# Images of tests are made of it alone, so it must not want libraries.
[[ "$(LC_ALL=C ldd /bin/busybox 2>&1)" == *'not a dynamic executable'* ]] || missing+=(busybox-static)
if ((${#missing[@]} == 0)); then exit 0; fi

install="apt-get install -y --no-install-recommends ${missing[*]}"
if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
  echo "Missing: ${missing[*]}, which tests of real containers need." >&2
  echo "On Debian, run this as root, then try again: apt-get update && $install" >&2
  exit 3
fi
echo "Installing ${missing[*]}" >&2
export DEBIAN_FRONTEND=noninteractive
apt-get update -q >&2
if ! $install >&2; then
  echo "apt-get could not install it; the command was: apt-get update && $install" >&2
  exit 3
fi
