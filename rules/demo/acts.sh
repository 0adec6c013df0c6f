#!/usr/bin/env bash
# What the demonstration shows: things that an intruder in a container would do, none of which does any harm. Nothing
# outside of a folder of its own is changed. $1: that folder, $2: a port of this machine that somebody listens on.
set -u
cd "$1" || exit 1

# Secrets.
cat /etc/shadow >/dev/null
grep -rl 'PRIVATE KEY' . >/dev/null

# A program that is on no disk.
cp /bin/true /dev/shm/.cache-update && /dev/shm/.cache-update
rm -f /dev/shm/.cache-update

# A shell whose input and output are a connection.
bash -c 'exec 5<>"/dev/tcp/127.0.0.1/$1"; exec 0<&5 1>&5; exec bash --norc -c "exit 0"' bash "$2"

# A job that would come back, in a mount namespace where the folder is an empty one in memory.
unshare --mount bash -c 'mount -t tmpfs none /etc/cron.d && echo "# nothing" >/etc/cron.d/update'

# Tools that have no place in a running container.
apt-get --version >/dev/null
exit 0
