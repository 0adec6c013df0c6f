#!/usr/bin/env bash
# Prints the path of a bpftool that works; fails when there is none.
for candidate in "${BPFTOOL:-}" "$(command -v bpftool)" /usr/sbin/bpftool /usr/lib/linux-tools/*/bpftool /usr/lib/linux-tools-*/bpftool; do
  if [ -x "$candidate" ] && "$candidate" version >/dev/null 2>&1; then
    echo "$candidate"
    exit 0
  fi
done
exit 1
