#!/usr/bin/env bash
# Records rules/demo/first-alerts.cap anew, for which root is needed: after any change of the records' layout, when that is built.
set -euo pipefail
cd "$(dirname "$0")/.."

node dist/test/e2e/support/record-demo.js rules/demo/acts.sh rules/demo/first-alerts.cap
# Captures are private, but this one holds only what was acted.
chmod 644 rules/demo/first-alerts.cap
