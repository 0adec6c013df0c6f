#!/usr/bin/env bash
# Harm of every kind to agents and a collector, and what arrived all the same. Arguments go to test/faults/run.ts.
set -euo pipefail
cd "$(dirname "$0")/.."

exec node dist/test/faults/run.js "$@"
