#!/bin/sh
# Makes this machine ready: Debian 12 or 13, Ubuntu 24.04, or any Linux that already has what it takes.
#
#   sh setup.sh              what the workshop needs; npm start calls it
#   sh setup.sh --test       and what its tests use; npm test calls it
#   sh setup.sh --packages   only names the packages, for a machine that will have no network
#
# Says what it gets and why; silent when nothing is missing. Exit status 125: the workshop cannot start yet.
set -eu
cd "$(dirname "$0")"

# nft is in /usr/sbin, which is not in every user's PATH.
PATH=$PATH:/usr/sbin:/sbin

main() {
  ready=yes
  provide workshop_tools "the workshop cannot start" || ready=
  provide_node || ready=
  keep_modules_in_vm
  [ -z "$ready" ] || provide_modules || ready=
  [ "$1" != --test ] || provide test_tools "some tests are skipped" || true
  [ "$ready" ] || exit 125
}

workshop_tools() {
  need tar tar
  need ip iproute2
  need nft nftables
  static_busybox || lacks "static busybox" busybox-static
  # The addon comes compiled for x86_64; anywhere else the first step that runs compiles it.
  [ "$(uname -m)" = x86_64 ] || compiler
}

test_tools() {
  need strace strace
  need crun crun
  need runc runc
  need bwrap bubblewrap
  need podman podman
  [ -e /usr/lib/cni/bridge ] || [ -e /usr/lib/podman/netavark ] || lacks "bridge for podman" containernetworking-plugins
  need debootstrap debootstrap
  need tmux tmux
  need unshare util-linux
  compiler
}

node_tools() {
  need node nodejs
  need npm npm
}

compiler() {
  need g++ g++
  need make make
  need python3 python3
}

# In a root file system of its own a busybox finds no libraries. A dynamic one names its linker on the first page.
static_busybox() {
  busybox=$(command -v busybox) && ! head -c 4096 "$busybox" | grep -q /ld-
}

# need COMMAND PACKAGE
need() {
  command -v "$1" >/dev/null || lacks "$1" "$2"
}

lacks() {
  commands="${commands:+$commands, }$1"
  packages="$packages $2"
}

has() {
  commands='' packages=''
  "$1"
  [ -z "$packages" ]
}

# provide TOOLS CONSEQUENCE: installs what is missing of the tools, and fails when something still is.
provide() {
  has "$1" && return
  if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
    say "no $commands, so $2: sudo apt-get install$packages"
    return 1
  fi
  say "no $commands: apt-get install$packages"
  # shellcheck disable=SC2086 # packages is a list
  install $packages || true
  has "$1" || { say "still no $commands, so $2: $error"; return 1; }
}

# A fresh image has no package lists, an old one has stale ones: then update, and try again.
install() {
  apt_get install "$@" || { apt_get update && apt_get install "$@"; }
}

# Asks nothing and waits neither long for a network nor for another apt-get. Leaves its first complaint in `error`.
apt_get() {
  error=$(DEBIAN_FRONTEND=noninteractive apt-get -qq \
    -o APT::Get::Assume-Yes=true -o APT::Install-Recommends=false -o DPkg::Lock::Timeout=120 \
    -o Acquire::Retries=1 -o Acquire::http::Timeout=15 -o Acquire::https::Timeout=15 \
    "$@" 2>&1 >/dev/null </dev/null) && return
  error=$(printf '%s\n' "$error" | grep -m 1 '^E:')
  return 1
}

# Debian 13's own Node will do. Older ones bring npm, and npm brings Node's official binary.
provide_node() {
  provide node_tools "the workshop cannot start" || return
  node_will_do && return
  if [ "$(id -u)" != 0 ]; then
    say "Node $version is older than 20.19, so the workshop cannot start: sudo sh setup.sh"
    return 1
  fi
  package=node-linux-$(uname -m | sed 's/x86_64/x64/; s/aarch64/arm64/')@22
  say "Node $version is older than 20.19: npm install --global $package"
  run_npm install --global --prefix /usr/local "$package" || true
  hash -r
  node_will_do || { say "node is still $version ($(command -v node)), so the workshop cannot start"; return 1; }
}

node_will_do() {
  version=$(node -v)
  major=${version#v} major=${major%%.*} minor=${version#*.} minor=${minor%%.*}
  [ "$major" -gt 20 ] || { [ "$major" = 20 ] && [ "$minor" -ge 19 ]; }
}

# In a VM this may be the host's directory, where programs for another system may be installed.
keep_modules_in_vm() {
  [ "$PWD" = /vagrant ] || is_share || return 0
  [ "$(id -u)" = 0 ] || return 0
  mountpoint -q node_modules && return
  mkdir -p node_modules /var/lib/linux-containers-diy/node_modules
  mount --bind /var/lib/linux-containers-diy/node_modules node_modules
}

is_share() {
  case $(findmnt --noheadings --output FSTYPE --target .) in
    9p | virtiofs | prl_fs | vboxsf | fuse.grpcfuse | fuse.sshfs | fuse.vmhgfs-fuse) ;;
    *) false ;;
  esac
}

# npm writes .package-lock.json last of all; find complains, and so says something too, when it is missing.
provide_modules() {
  [ "$(find package-lock.json -newer node_modules/.package-lock.json 2>&1)" ] || return 0
  say "node_modules is missing or older than package-lock.json: npm ci"
  run_npm ci || { say "npm ci failed, so the workshop cannot start: run it to see why; it needs the network"; return 1; }
}

# With npm's own patience, every package is waited for a minute and more when there is no network.
run_npm() {
  timeout 900 npm "$@" --no-audit --no-fund --fetch-retries=1 --fetch-retry-mintimeout=1000 >/dev/null 2>&1 </dev/null
}

say() {
  echo "setup: $*" >&2
}

# As if nothing were there.
name_packages() {
  need() { lacks "$@"; }
  static_busybox() { false; }
  packages=''
  node_tools
  workshop_tools
  # shellcheck disable=SC2086 # packages is a list
  echo $packages
}

case ${1-} in
  '' | --test) main "${1-}" ;;
  --packages) name_packages ;;
  *) say "expected --test, --packages or nothing, got $1"; exit 125 ;;
esac
