// The process itself: execve(2), prctl(2), capset(2), seccomp(2), unshare(2), setsid(2), signals.
#include <linux/filter.h>
#include <sys/syscall.h>

#include "raw.h"
#include "recipe.h"

const Syscall processCalls[] = {
    {"execve", "svv", [](const long* a) { return raw(SYS_execve, a[0], a[1], a[2]); }},
    {"execveat", "rsvvn", [](const long* a) { return raw(SYS_execveat, a[0], a[1], a[2], a[3], a[4]); }},
    {"prctl", "nn", [](const long* a) { return raw(SYS_prctl, a[0], a[1]); }},
    {"capset", "bb", [](const long* a) { return raw(SYS_capset, a[0], a[1]); }},
    // The filter is an array; the kernel wants its length and address in a struct.
    {"seccomp", "nnbn", [](const long* a) {
       sock_fprog program = {static_cast<unsigned short>(a[3]), reinterpret_cast<sock_filter*>(a[2])};
       return raw(SYS_seccomp, a[0], a[1], reinterpret_cast<long>(&program));
     }},
    {"unshare", "n", [](const long* a) { return raw(SYS_unshare, a[0]); }},
    {"setns", "rn", [](const long* a) { return raw(SYS_setns, a[0], a[1]); }},
    {"setsid", "", [](const long*) { return raw(SYS_setsid); }},
    {"rt_sigaction", "nb", [](const long* a) { return raw(SYS_rt_sigaction, a[0], a[1], 0, 8); }},
    {"rt_sigprocmask", "nb", [](const long* a) { return raw(SYS_rt_sigprocmask, a[0], a[1], 0, 8); }},
    {"pidfd_send_signal", "nn", [](const long* a) { return raw(SYS_pidfd_send_signal, a[0], a[1]); }},
    {}};
