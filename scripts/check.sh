#!/usr/bin/env bash
# All that is checked without running the product: format and lint, types, generated files, import rules.
set -euo pipefail
cd "$(dirname "$0")/.."

node_modules/.bin/biome check --error-on-warnings .
node_modules/.bin/tsc --noEmit -p tsconfig.json
bash scripts/gen.sh --check
if grep -q '"resolved"' package-lock.json; then
  echo 'package-lock.json names a registry; npm must run with the omit-lockfile-registry-resolved of .npmrc' >&2
  exit 1
fi
