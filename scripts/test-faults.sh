#!/usr/bin/env bash
# Harm of every kind to agents and a collector, and what arrived all the same. Arguments go to test/faults/run.ts.
set -euo pipefail
cd "$(dirname "$0")/.."

# Clocks are only set where libfaketime is.
if [ ! -e /usr/lib/$(uname -m)-linux-gnu/faketime/libfaketimeMT.so.1 ] && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
  apt-get install -y -q --no-install-recommends libfaketime >/dev/null || true
fi

exec node dist/test/faults/run.js "$@"
