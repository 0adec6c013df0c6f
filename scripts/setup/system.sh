#!/usr/bin/env bash
# Installs the system packages that the build needs and that are missing. Without root or apt it names them and ends with 3.
set -euo pipefail

node_major=$(node -p 'process.versions.node.split(".")[0]')
if ((node_major < 20)); then
  echo "atalaya needs Node.js 20 or newer; this is $(node --version)" >&2
  exit 3
fi

missing=()
need_command() { command -v "$1" >/dev/null || [ -x "/usr/sbin/$1" ] || missing+=("$2"); }
need_header() {
  local folder
  for folder in /usr/include "/usr/include/$(uname -m)-linux-gnu"; do
    if [ -e "$folder/$1" ]; then return; fi
  done
  missing+=("$2")
}

need_command clang clang
need_command llvm-strip llvm
need_command make make
need_command g++ g++
need_command python3 python3
need_command pkg-config pkg-config
need_header bpf/libbpf.h libbpf-dev
need_header gelf.h libelf-dev
need_header zlib.h zlib1g-dev
# Ubuntu's bpftool is a wrapper that only works when the tools of a kernel are installed beside it.
bash "$(dirname "$0")/bpftool.sh" >/dev/null || {
  if grep -q '^ID=ubuntu' /etc/os-release 2>/dev/null; then
    missing+=(linux-tools-common linux-tools-generic)
  else
    missing+=(bpftool)
  fi
}

if ((${#missing[@]} == 0)); then exit 0; fi

install="apt-get install -y --no-install-recommends ${missing[*]}"
if ! command -v apt-get >/dev/null; then
  echo "Missing: ${missing[*]} (names of Debian's packages)." >&2
  echo "There is no apt-get here: install what provides them with this system's package manager, then try again." >&2
  exit 3
fi
if [ "$(id -u)" != 0 ]; then
  echo "Missing system packages: ${missing[*]}" >&2
  echo "Run this as root, then try again:" >&2
  echo "  apt-get update && $install" >&2
  exit 3
fi
echo "Installing system packages: ${missing[*]}" >&2
export DEBIAN_FRONTEND=noninteractive
apt-get update -q >&2
if ! $install >&2; then
  echo "apt-get could not install them; the command was: apt-get update && $install" >&2
  exit 3
fi
