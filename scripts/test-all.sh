#!/usr/bin/env bash
# What `npm test` runs, and the tests that take longer or want heavier packages, which are installed first.
set -euo pipefail
cd "$(dirname "$0")/.."

bash scripts/setup/browser.sh
bash scripts/setup/python.sh
bash scripts/setup/containers.sh
bash scripts/check.sh
exec env TEST_ALL=1 node_modules/.bin/vitest run "$@"
