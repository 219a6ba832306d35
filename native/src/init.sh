#!/bin/sh
# Builds init.c: init.sh OUTPUT. No libc, no build id, no debug data: the same source gives the same bytes.
exec ${CC:-cc} -Os -Wall -Wextra -Werror -ffreestanding -fno-stack-protector -fno-asynchronous-unwind-tables \
  -fno-pie -no-pie -static -nostdlib -Wl,--build-id=none -Wl,-z,noseparate-code -s -o "$1" src/init.c
