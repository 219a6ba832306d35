// A tiny pid 1: starts one program, hands it the signals, and reaps whoever the kernel makes its child.
//
//   init fg|bg COMMAND [ARG…]
//
// COMMAND is looked for in PATH, as execvp(3) does. With fg the launcher has the terminal and hands it on: from in
// here the foreground group cannot be told, process groups from outside the namespace all read 0.
//
// No libc: it runs in any root file system. Descriptor 3 is the launcher's socket: closed when the program runs,
// or one message "e" + errno when it could not be started.
#include <asm/unistd.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/wait.h>

#if defined(__x86_64__)
static long raw(long number, long a, long b, long c, long d) {
  long result;
  register long r10 asm("r10") = d;
  asm volatile("syscall"
               : "=a"(result)
               : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10)
               : "rcx", "r11", "memory");
  return result;
}
asm(".globl _start\n_start: mov %rsp, %rdi\n and $-16, %rsp\n call start\n");
#else
static long raw(long number, long a, long b, long c, long d) {
  register long x8 asm("x8") = number;
  register long x0 asm("x0") = a;
  register long x1 asm("x1") = b;
  register long x2 asm("x2") = c;
  register long x3 asm("x3") = d;
  asm volatile("svc 0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2), "r"(x3) : "memory");
  return x0;
}
asm(".globl _start\n_start: mov x0, sp\n bl start\n");
#endif

enum { SOCKET = 3 };
static const unsigned long all = ~0UL, none = 0;

static void set_mask(const unsigned long* mask) { raw(__NR_rt_sigprocmask, SIG_SETMASK, (long)mask, 0, 8); }

static void leave(int status) {
  for (;;) raw(__NR_exit_group, status, 0, 0, 0);
}

static const char* path_of(char** environment) {
  for (; *environment; environment++) {
    const char* text = *environment;
    if (text[0] == 'P' && text[1] == 'A' && text[2] == 'T' && text[3] == 'H' && text[4] == '=') return text + 5;
  }
  return "/usr/local/bin:/usr/bin:/bin";
}

static int has_slash(const char* text) {
  for (; *text; text++)
    if (*text == '/') return 1;
  return 0;
}

// Writes "directory/name" to `to`, the directory being what stands before the next colon. Returns where that is.
static const char* join(char* to, char* end, const char* directory, const char* name) {
  if (*directory == ':' || *directory == 0) *to++ = '.';
  while (*directory && *directory != ':' && to < end) *to++ = *directory++;
  if (to < end) *to++ = '/';
  while (*name && to < end) *to++ = *name++;
  *to = 0;
  return directory;
}

// As execvp(3): a program that is there but may not be run outweighs all the places where there is none.
static long exec(char** argv, char** environment) {
  if (has_slash(argv[0]) || !argv[0][0]) return raw(__NR_execve, (long)argv[0], (long)argv, (long)environment, 0);
  long failure = -ENOENT;
  char file[4096];
  for (const char* path = path_of(environment);; path++) {
    path = join(file, file + sizeof file - 1, path, argv[0]);
    long error = raw(__NR_execve, (long)file, (long)argv, (long)environment, 0);
    if (error != -ENOENT && error != -ENOTDIR) failure = error;
    if (failure != -ENOENT && failure != -EACCES) return failure;
    if (!*path) return failure;
  }
}

// The program: a process group of its own, in the foreground, so that Ctrl-C reaches it once and not through us.
static void run(int foreground, char** argv, char** environment) {
  int group = raw(__NR_getpid, 0, 0, 0, 0);
  raw(__NR_setpgid, 0, 0, 0, 0);
  if (foreground) raw(__NR_ioctl, 0, TIOCSPGRP, (long)&group, 0);
  set_mask(&none);

  raw(__NR_fcntl, SOCKET, F_SETFD, FD_CLOEXEC, 0);
  long failure = exec(argv, environment);
  unsigned char message[] = {'e', -failure};
  raw(__NR_write, SOCKET, (long)message, sizeof message, 0);
  leave(failure == -ENOENT ? 127 : 126);
}

// All children that have ended; leaves with the status of `program` when it is among them.
static void reap(int program) {
  int status;
  for (;;) {
    long pid = raw(__NR_wait4, -1, (long)&status, WNOHANG, 0);
    if (pid <= 0) return;
    if (pid == program) leave(WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
  }
}

// The foreground belongs to the program: a stop from the terminal is its own affair.
static int forwardable(int signal) { return signal != SIGTTIN && signal != SIGTTOU; }

__attribute__((used)) static void start(long* stack) {
  long argc = stack[0];
  char** argv = (char**)(stack + 1);
  char** environment = argv + argc + 1;

  set_mask(&all);
  int program = raw(__NR_clone, SIGCHLD, 0, 0, 0);
  if (program == 0) run(argv[1][0] == 'f', argv + 2, environment);
  raw(__NR_close, SOCKET, 0, 0, 0);
  if (program < 0) leave(125);

  for (;;) {
    int signal = raw(__NR_rt_sigtimedwait, (long)&all, 0, 0, 8);
    if (signal == SIGCHLD) reap(program);
    else if (signal > 0 && forwardable(signal)) raw(__NR_kill, program, signal, 0, 0);
  }
}
