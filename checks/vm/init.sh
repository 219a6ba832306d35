#!/bin/sh
# The guest's first process. Root is the host's root, read-only, under a memory layer; then the command is run.
busybox=/bin/busybox
share="trans=virtio,version=9p2000.L,msize=512000,cache=loose,ro"
mount() { $busybox mount "$@"; }

mount -t proc proc /proc
mount -t devtmpfs dev /dev
for module in /modules/*; do $busybox insmod "$module"; done

mount -t 9p -o "$share" host /lower
mount -t tmpfs -o size=75% memory /layer
$busybox mkdir /layer/upper /layer/work
mount -t overlay -o lowerdir=/lower,upperdir=/layer/upper,workdir=/layer/work root /root

mount -t proc proc /root/proc
mount -t sysfs sysfs /root/sys
mount -t devtmpfs dev /root/dev
$busybox mkdir -p /root/dev/pts /root/dev/shm
mount -t devpts -o ptmxmode=666,mode=620,gid=5 devpts /root/dev/pts
for path in dev/shm run; do mount -t tmpfs tmpfs "/root/$path"; done
mount -t cgroup2 -o nsdelegate cgroup2 /root/sys/fs/cgroup
$busybox mkdir -p /root/usr/lib/modules
mount -t 9p -o "$share" modules /root/usr/lib/modules
$busybox ip link set lo up
$busybox hostname vm

# The serial line is the way out: the command's output, then one line with its exit status.
exec $busybox switch_root /root /bin/sh -c '
  stty -F /dev/ttyS0 -opost
  export HOME=/root PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
  sh "$(sed -n "s/.*command=\([^ ]*\).*/\1/p" /proc/cmdline)" </dev/null >/dev/ttyS0 2>&1
  echo "vm: exit $?" >/dev/ttyS0
  echo o >/proc/sysrq-trigger
  sleep 60'
