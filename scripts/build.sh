#!/usr/bin/env bash
# Builds what has changed: the eBPF object, the addon, generated code, then TypeScript into dist/.
set -euo pipefail
cd "$(dirname "$0")/.."

bpftool=$(bash scripts/setup/bpftool.sh) || { echo 'no bpftool that works was found; run: npm run setup' >&2; exit 3; }
PATH="$(dirname "$bpftool"):$PATH"
make --silent -C native/bpf
bash scripts/build-native.sh
bash scripts/gen.sh --changed

# Most starts change nothing: then the compiler only costs time. The stamp is from before it ran and stays away after
# errors. Times of change (of folders too, where files may be gone) are those that a copy cannot carry over.
stamp=dist/.built
changed() {
  find agent collector native bench test proto tsconfig.json package-lock.json scripts/build.sh \
    \( -path native/build -o -path native/bpf -o -path native/addon \) -prune -o \
    \( -type d -o -name '*.ts' -o -name '*.json' -o -name '*.js' -o -name build.sh \) -cnewer "$stamp" -print -quit
}
if [ -e "$stamp" ] && [ -e dist/.tsbuildinfo ] && [ -z "$(changed)" ]; then exit 0; fi
mkdir -p dist
rm -f "$stamp"
touch "$stamp.new"
node_modules/.bin/tsc -p tsconfig.json
mv "$stamp.new" "$stamp"
