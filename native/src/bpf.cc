// Programs for the kernel: bpf(2).
#include <linux/bpf.h>
#include <sys/syscall.h>

#include "raw.h"
#include "recipe.h"

const Syscall bpfCalls[] = {
    // Attributes are a struct of numbers, in which loading a program wants two addresses as well.
    {"bpf", "nbnbs", [](const long* a) {
       auto* attr = reinterpret_cast<bpf_attr*>(a[1]);
       if (a[0] == BPF_PROG_LOAD) {
         attr->insns = a[3];
         attr->license = a[4];
       }
       return raw(SYS_bpf, a[0], a[1], a[2]);
     }},
    {}};
