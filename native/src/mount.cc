// Mounts and roots: mount(2), umount(2), pivot_root(2), chroot(2), open_tree(2), move_mount(2), mount_setattr(2).
#include <sys/syscall.h>

#include "raw.h"
#include "recipe.h"

// Younger than some libc headers; the numbers are the same on every architecture.
#ifndef SYS_mount_setattr
#define SYS_mount_setattr 442
#endif

const Syscall mountCalls[] = {
    // Source, type and data may be NULL: a bind needs no type, a change of propagation none of the three.
    {"mount", "zsznz", [](const long* a) { return raw(SYS_mount, a[0], a[1], a[2], a[3], a[4]); }},
    {"umount2", "sn", [](const long* a) { return raw(SYS_umount2, a[0], a[1]); }},
    // glibc has no wrapper for pivot_root.
    {"pivot_root", "ss", [](const long* a) { return raw(SYS_pivot_root, a[0], a[1]); }},
    {"chroot", "s", [](const long* a) { return raw(SYS_chroot, a[0]); }},
    // A copy of a mount, held by a descriptor until move_mount puts it somewhere.
    {"open_tree", "rsn", [](const long* a) { return raw(SYS_open_tree, a[0], a[1], a[2]); }},
    {"move_mount", "rsrsn", [](const long* a) { return raw(SYS_move_mount, a[0], a[1], a[2], a[3], a[4]); }},
    {"mount_setattr", "rsnbn", [](const long* a) { return raw(SYS_mount_setattr, a[0], a[1], a[2], a[3], a[4]); }},
    {}};
