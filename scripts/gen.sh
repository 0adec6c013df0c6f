#!/usr/bin/env bash
# Writes generated files (*.gen.ts, docs, the example configuration) from their sources; all are committed.
#   gen.sh            all of them; documents need a built tree (npm run build)
#   gen.sh --changed  only code whose sources changed since it was last generated here
#   gen.sh --check    all; fails when that changes any file
set -euo pipefail
cd "$(dirname "$0")/.."
PATH="$PATH:/usr/sbin"
stamps=node_modules/.cache/atalaya

digest() { cat "$@" | sha256sum | cut -d' ' -f1; }

# unless_same NAME COMMAND SOURCE...: runs the command unless the sources are as at its last run.
unless_same() {
  local name=$1 command=$2 now
  shift 2
  now=$(digest "$@")
  if [ "$(cat "$stamps/$name" 2>/dev/null)" = "$now" ]; then return; fi
  $command
  mkdir -p "$stamps"
  echo "$now" >"$stamps/$name"
}

code() {
  local run=$1
  "$run" layout 'node scripts/gen-layout.mjs' scripts/gen-layout.mjs native/bpf/events.h native/bpf/layout.bpf.c
  "$run" proto 'bash scripts/gen-proto.sh' scripts/gen-proto.sh proto/atalaya/v1/*.proto proto/cri/*.proto
  "$run" descriptors 'node scripts/gen-descriptors.mjs' scripts/gen-descriptors.mjs proto/atalaya/v1/*.proto proto/grpc/health/v1/*.proto
  "$run" proto-numbers 'node scripts/gen-proto-numbers.mjs' scripts/gen-proto-numbers.mjs proto/atalaya/v1/*.proto
  "$run" config 'node scripts/gen-config.mjs' scripts/gen-config.mjs agent/config/schema.json
  "$run" scap 'node scripts/gen-scap.mjs' scripts/gen-scap.mjs test/data/scap/tables/*.json
  "$run" tested-kinds 'node scripts/gen-tested-kinds.mjs' scripts/gen-tested-kinds.mjs agent/events/kinds.ts test/kernel/*.test.ts
}

always() { $2; }

outputs() { git ls-files --cached --others --exclude-standard -- '*.gen.ts' docs deploy/atalaya.example.yaml proto/numbers.json | sort -u; }

case "${1:-}" in
  --changed) code unless_same ;;
  --check)
    before=$(outputs | xargs sha256sum)
    code always
    node scripts/gen-docs.mjs
    after=$(outputs | xargs sha256sum)
    if [ "$before" != "$after" ]; then
      echo 'These generated files were not up to date; they are now, commit them:' >&2
      diff <(echo "$before") <(echo "$after") | sed -n 's/^> [0-9a-f]*  /  /p' >&2
      exit 1
    fi
    ;;
  '')
    code always
    node scripts/gen-docs.mjs
    ;;
  *)
    echo 'usage: gen.sh [--changed | --check]' >&2
    exit 2
    ;;
esac
