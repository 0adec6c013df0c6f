#!/usr/bin/env bash
# Installs the browser that tests of the page need, when there is none. Without root or apt it names it and ends with 3.
set -euo pipefail

for candidate in "${CHROMIUM:-}" /usr/bin/chromium /usr/bin/chromium-browser /usr/bin/google-chrome; do
  if [ -x "$candidate" ]; then exit 0; fi
done

install='apt-get install -y --no-install-recommends chromium fonts-dejavu-core'
if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
  echo 'Missing: chromium, which tests of the page need; CHROMIUM can name one that is elsewhere.' >&2
  echo "On Debian, run this as root, then try again: apt-get update && $install" >&2
  exit 3
fi
echo 'Installing chromium' >&2
export DEBIAN_FRONTEND=noninteractive
apt-get update -q >&2
if ! $install >&2; then
  echo "apt-get could not install it; the command was: apt-get update && $install" >&2
  exit 3
fi
