#!/usr/bin/env bash
# The checks, then every test that needs nothing outside of the repository. Arguments go to vitest.
set -euo pipefail
cd "$(dirname "$0")/.."

bash scripts/check.sh
exec node_modules/.bin/vitest run "$@"
