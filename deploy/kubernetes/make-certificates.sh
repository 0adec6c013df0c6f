#!/usr/bin/env bash
# Makes an authority of its own and the certificates that agents and the collector show each other, with openssl.
#   make-certificates.sh FOLDER [NAME...]     NAMEs under which the collector is reached
# In FOLDER: ca.crt, ca.key (keep it away from the cluster), collector.{crt,key}, agent.{crt,key}. Valid for a year: run
# it again before that. What is there already is not made anew, except the two certificates.
set -euo pipefail
umask 077

if (($# < 1)); then
  sed -n '2,5s/^# //p' "$0" >&2
  exit 2
fi
folder=$1
shift
names=("$@")
if ((${#names[@]} == 0)); then names=(atalaya-collector.atalaya.svc); fi
mkdir -p "$folder"
cd "$folder"

key() { [ -e "$1" ] || openssl genpkey -quiet -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$1"; }

key ca.key
[ -e ca.crt ] || openssl req -x509 -new -key ca.key -sha256 -days 3650 -subj '/CN=Atalaya' -out ca.crt \
  -addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign,cRLSign

# certificate NAME USAGE SUBJECT-ALTERNATIVE-NAMES
certificate() {
  key "$1.key"
  openssl req -new -key "$1.key" -subj "/CN=atalaya-$1" |
    openssl x509 -req -CA ca.crt -CAkey ca.key -sha256 -days 365 -out "$1.crt" -extfile <(
      printf 'basicConstraints=critical,CA:FALSE\nkeyUsage=critical,digitalSignature\nextendedKeyUsage=%s\n' "$2"
      printf 'subjectAltName=%s\n' "$3"
    ) 2>/dev/null
}

certificate collector serverAuth "$(printf 'DNS:%s,' "${names[@]}" | sed 's/,$//')"
certificate agent clientAuth DNS:atalaya-agent
