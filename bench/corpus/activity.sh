#!/usr/bin/env bash
# What a busy node does all day, harmless and bounded: shells, files, a repository, a compiler, connections on loopback.
# `activity.sh FOLDER ROUNDS`: works in FOLDER only, which is the caller's to remove.
set -euo pipefail
cd "$1"
rounds=$2

pipelines() {
  for i in 1 2 3 4 5 6; do
    printf 'line %s\n' 1 2 3 4 5 "$i" | sort -r | head -3 | tr a-z A-Z | sed 's/L/l/' >"out.$i"
    awk '{ n += NF } END { print n }' "out.$i" | cat >/dev/null
  done
  wc -l out.* | tail -1 >total
}

files() {
  mkdir -p tree/a/b tree/c
  for i in $(seq 40); do echo "$i" >"tree/a/b/file-$i.txt"; done
  cp -r tree copy
  chmod 640 copy/a/b/*.txt
  ln -s ../a/b/file-1.txt copy/c/link
  ln copy/a/b/file-2.txt copy/c/hard
  for i in 3 4 5; do mv "copy/a/b/file-$i.txt" copy/c/; done
  find tree copy -name '*.txt' -exec grep -l 7 {} + >found
  find /usr/share/doc /usr/include -maxdepth 2 -type f 2>/dev/null | wc -l >count
  ls -lR /etc >listing 2>/dev/null || true
  tar -czf copy.tar.gz copy
  tar -tzf copy.tar.gz | wc -l >entries
  rm -rf tree copy copy.tar.gz
}

repository() {
  rm -rf repo
  git -c init.defaultBranch=main init -q repo
  for i in 1 2 3; do
    echo "$i" >>repo/file
    git -C repo add file
    git -C repo -c user.name=n -c user.email=e@localhost commit -q -m "$i"
  done
  git -C repo log --oneline | wc -l >commits
  git -C repo diff HEAD~1 >difference
}

compiler() {
  printf '#include <stdio.h>\n#include <string.h>\nint main(void) { return printf("%%zu", strlen("abc")) != 1; }\n' >unit.c
  cc -O1 -o unit unit.c
  ./unit >/dev/null
  ldd unit >libraries
}

connections() {
  python3 - <<'PYTHON'
import json, os, socket, tempfile, threading

server = socket.create_server(('127.0.0.1', 0))
local = os.path.join(os.getcwd(), 'socket')
unix = socket.socket(socket.AF_UNIX)
unix.bind(local)
unix.listen()

def serve(listener, count):
    for _ in range(count):
        connection, _ = listener.accept()
        connection.sendall(connection.recv(64))
        connection.close()

def ask(family, address, count):
    for i in range(count):
        client = socket.socket(family)
        client.connect(address)
        client.sendall(b'%d' % i)
        client.recv(64)
        client.close()

threads = [threading.Thread(target=serve, args=(l, 60)) for l in (server, unix)]
threads += [threading.Thread(target=ask, args=a) for a in
            ((socket.AF_INET, server.getsockname(), 60), (socket.AF_UNIX, local, 60))]
for thread in threads: thread.start()
for thread in threads: thread.join()
os.unlink(local)
datagrams = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
datagrams.bind(('127.0.0.1', 0))
for i in range(60): datagrams.sendto(b'x', datagrams.getsockname())
for i in range(60):
    with tempfile.NamedTemporaryFile('w', dir='.') as f: json.dump({'i': i}, f)
for i in range(20): os.dup(0)
PYTHON
}

for _ in $(seq "$rounds"); do
  pipelines
  files
  repository
  compiler
  connections
done
