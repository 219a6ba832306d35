// Files and descriptors. The *at calls only: arm64 has no others.
#include <sys/syscall.h>

#include <cerrno>

#include "raw.h"
#include "recipe.h"

const Syscall fileCalls[] = {
    {"chdir", "s", [](const long* a) { return raw(SYS_chdir, a[0]); }},
    {"openat", "rsn", [](const long* a) { return raw(SYS_openat, a[0], a[1], a[2]); }},
    {"close", "r", [](const long* a) { return raw(SYS_close, a[0]); }},
    {"mkdirat", "rsn", [](const long* a) { return raw(SYS_mkdirat, a[0], a[1], a[2]); }},
    {"mknodat", "rsnn", [](const long* a) { return raw(SYS_mknodat, a[0], a[1], a[2], a[3]); }},
    {"unlinkat", "rsn", [](const long* a) { return raw(SYS_unlinkat, a[0], a[1], a[2]); }},
    {"symlinkat", "srs", [](const long* a) { return raw(SYS_symlinkat, a[0], a[1], a[2]); }},
    {"umask", "n", [](const long* a) { return raw(SYS_umask, a[0]); }},
    {"memfd_create", "sn", [](const long* a) { return raw(SYS_memfd_create, a[0], a[1]); }},
    {"write", "rbn", [](const long* a) { return raw(SYS_write, a[0], a[1], a[2]); }},
    {"sendto", "rsnn", [](const long* a) { return raw(SYS_sendto, a[0], a[1], a[2], a[3]); }},
    // End of file is the parent's death: nothing to go on for.
    {"recvfrom", "rbnn", [](const long* a) {
       long length = raw(SYS_recvfrom, a[0], a[1], a[2], a[3]);
       return length == 0 ? -ECANCELED : length;
     }},
    {"dup3", "rnn", [](const long* a) { return raw(SYS_dup3, a[0], a[1], a[2]); }},
    {"fcntl", "rnn", [](const long* a) { return raw(SYS_fcntl, a[0], a[1], a[2]); }},
    {"flock", "nn", [](const long* a) { return raw(SYS_flock, a[0], a[1]); }},
    // Paths as bytes: a name need not be UTF-8. Without a buffer, lgetxattr returns the length.
    {"lgetxattr", "bs", [](const long* a) { return raw(SYS_lgetxattr, a[0], a[1], 0, 0); }},
    {"lsetxattr", "bsbn", [](const long* a) { return raw(SYS_lsetxattr, a[0], a[1], a[2], a[3], 0); }},
    {"ioctl", "rnb", [](const long* a) { return raw(SYS_ioctl, a[0], a[1], a[2]); }},
    {"close_range", "nnn", [](const long* a) { return raw(SYS_close_range, a[0], a[1], a[2]); }},
    {}};
