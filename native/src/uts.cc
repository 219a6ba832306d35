// Names of the host: sethostname(2), setdomainname(2).
#include <sys/syscall.h>

#include "raw.h"
#include "recipe.h"

const Syscall utsCalls[] = {
    {"sethostname", "sn", [](const long* a) { return raw(SYS_sethostname, a[0], a[1]); }},
    {"setdomainname", "sn", [](const long* a) { return raw(SYS_setdomainname, a[0], a[1]); }},
    {}};
