#!/usr/bin/env bash
# Brings a checkout to where it runs: system packages, npm packages, generated code, build. What is up to date is left alone.
set -euo pipefail
cd "$(dirname "$0")/.."

bash scripts/setup/system.sh
bash scripts/setup/modules.sh
bash scripts/build.sh
