#!/usr/bin/env bash
# Installs the npm packages that the lock file names, unless they are there already for this Node.js.
set -euo pipefail
cd "$(dirname "$0")/../.."

stamp=node_modules/.atalaya-lock
now="$(sha256sum package-lock.json .npmrc | sha256sum | cut -d' ' -f1) $(node -p 'process.versions.modules + process.arch')"
if [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$now" ]; then exit 0; fi

# Headers that came with Node.js spare node-gyp a download.
prefix=$(node -p 'require("node:path").resolve(process.execPath, "../..")')
if [ -f "$prefix/include/node/node.h" ]; then export npm_package_config_node_gyp_nodedir="$prefix"; fi
echo "Installing npm packages; the database driver is compiled where no built one can be had, which takes minutes" >&2
npm ci --no-fund --no-audit >&2
echo "$now" >"$stamp"
