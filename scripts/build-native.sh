#!/usr/bin/env bash
# Builds the BPF objects and the addon (native/build/atalaya.node), each only when its sources are newer.
set -euo pipefail
cd "$(dirname "$0")/.."

if [ -z "${BPFTOOL:-}" ]; then
  BPFTOOL=$(bash scripts/setup/bpftool.sh) || { echo "no bpftool that works was found; run: npm run setup" >&2; exit 3; }
fi
make --silent -C native/bpf BPFTOOL="$BPFTOOL"

addon=native/build/atalaya.node
stamp=native/build/atalaya.node.for
built_for="$(node -p 'process.arch') $(pkg-config --modversion libbpf 2>/dev/null || true)"
if [ -e "$addon" ] && [ "$(cat "$stamp" 2>/dev/null)" = "$built_for" ] &&
  [ -z "$(find native/addon native/bpf/events.h native/bpf/programs.h -path native/addon/build -prune -o -type f -newer "$addon" -print)" ]; then
  exit 0
fi

# Headers that came with Node.js spare node-gyp a download.
prefix=$(node -p 'require("node:path").resolve(process.execPath, "../..")')
options=()
if [ -f "$prefix/include/node/node.h" ]; then options+=("--nodedir=$prefix"); fi
log=$(mktemp)
trap 'rm -f "$log"' EXIT
# What was built for another machine or library is of no use; else make knows what changed.
steps=(rebuild)
if [ "$(cat "$stamp" 2>/dev/null)" = "$built_for" ]; then steps=(configure build); fi
if ! node_modules/.bin/node-gyp "${steps[@]}" --directory native/addon --loglevel warn "${options[@]}" >"$log" 2>&1; then
  cat "$log" >&2
  echo "the addon did not build" >&2
  exit 3
fi
cp native/addon/build/Release/atalaya.node "$addon.new"
mv "$addon.new" "$addon"
echo "$built_for" >"$stamp"
