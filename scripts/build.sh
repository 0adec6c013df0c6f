#!/usr/bin/env bash
# Builds what has changed: the eBPF object, the addon, generated code, then TypeScript into dist/.
set -euo pipefail
cd "$(dirname "$0")/.."

bpftool=$(bash scripts/setup/bpftool.sh) || { echo 'no bpftool that works was found; run: npm run setup' >&2; exit 3; }
PATH="$(dirname "$bpftool"):$PATH"
make --silent -C native/bpf
bash scripts/build-native.sh
bash scripts/gen.sh --changed
node_modules/.bin/tsc -p tsconfig.json
