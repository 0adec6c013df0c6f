#!/usr/bin/env bash
# Brings a checkout to where it runs: system packages, npm packages, generated code, build. What is up to date is left alone.
set -euo pipefail
cd "$(dirname "$0")/.."

if [ ! -w . ]; then
  if [ -e dist/agent/cli/main.js ] && [ -e native/build/atalaya.node ]; then
    echo 'This folder cannot be written by this user: what was built before is used as it is' >&2
    exit 0
  fi
  echo "This folder cannot be written by this user, and nothing is built yet: $PWD" >&2
  exit 3
fi

bash scripts/setup/system.sh
bash scripts/setup/modules.sh
bash scripts/build.sh
