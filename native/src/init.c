// A tiny pid 1: starts one program, hands it the signals, and reaps whoever the kernel makes its child.
//
//   init COMMAND [ARG…]
//
// COMMAND is looked for in PATH, as execvp(3) does. At a terminal it gets a process group of its own: the
// launcher's, from outside the namespace, has no number in here, and a shell cannot give the terminal back to 0.
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

// Every signal has a handler, and is fetched before it could run: SigCgt in /proc/1/status tells that we see to it.
static void fetched(int signal) { (void)signal; }

static void handle_all(void) {
  struct {
    void (*handler)(int);
    unsigned long flags;
    void (*restorer)(void);
    unsigned long mask;
  } action = {.handler = fetched};
  for (int signal = 1; signal <= 64; signal++) raw(__NR_rt_sigaction, signal, (long)&action, 0, 8);
}

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

// With a pipe at either end the terminal is another's as well, a pager's say: we stay in the group we are in.
static int at_terminal(void) {
  int group;
  return !raw(__NR_ioctl, 0, TIOCGPGRP, (long)&group, 0) && !raw(__NR_ioctl, 1, TIOCGPGRP, (long)&group, 0);
}

// Which group that is cannot be told in here. But one in the background may not read: EIO, with SIGTTIN blocked.
static int in_foreground(void) { return raw(__NR_read, 0, 0, 0, 0) == 0; }

static void give_terminal(int program) { raw(__NR_ioctl, 0, TIOCSPGRP, (long)&program, 0); }

// Tells the launcher, which waits for it, why the command could not be started.
static void fail(long error) {
  unsigned char message[] = {'e', error};
  raw(__NR_write, SOCKET, (long)message, sizeof message, 0);
  leave(error == ENOENT ? 127 : 126);
}

static void run(char** argv, char** environment) {
  if (at_terminal()) {
    int foreground = in_foreground();
    raw(__NR_setpgid, 0, 0, 0, 0);
    if (foreground) give_terminal(raw(__NR_getpid, 0, 0, 0, 0));
  }
  set_mask(&none);

  raw(__NR_fcntl, SOCKET, F_SETFD, FD_CLOEXEC, 0);
  fail(-exec(argv, environment));
}

// All children that have ended; leaves with the status of `program` when it is among them. If it was stopped from the
// terminal (Ctrl-Z), so is our group, the launcher's: that is what the shell outside waits for.
static void reap(int program) {
  int status;
  for (;;) {
    long pid = raw(__NR_wait4, -1, (long)&status, WNOHANG | WUNTRACED, 0);
    if (pid <= 0) return;
    if (pid != program) continue;
    if (!WIFSTOPPED(status)) leave(WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
    if (WSTOPSIG(status) != SIGSTOP) raw(__NR_kill, 0, SIGTSTP, 0, 0);
  }
}

static void forward(const siginfo_t* info, int program) {
  int own_group = raw(__NR_getpgid, program, 0, 0, 0) == program;
  int signal = info->si_signo;
  if (signal == SIGTSTP || signal == SIGTTIN || signal == SIGTTOU) return;  // how we were stopped, see reap
  if (info->si_code == SI_KERNEL && !own_group) return;  // from the terminal, to all in our group
  if (signal == SIGCONT && own_group) {
    if (in_foreground()) give_terminal(program);
    raw(__NR_kill, -program, SIGCONT, 0, 0);
  } else {
    raw(__NR_kill, program, signal, 0, 0);
  }
}

__attribute__((used)) static void start(long* stack) {
  long argc = stack[0];
  char** argv = (char**)(stack + 1);
  char** environment = argv + argc + 1;

  set_mask(&all);
  int program = raw(__NR_clone, SIGCHLD, 0, 0, 0);
  if (program == 0) run(argv + 1, environment);
  handle_all();
  if (program < 0) fail(-program);
  raw(__NR_close, SOCKET, 0, 0, 0);

  for (;;) {
    siginfo_t info;
    int signal = raw(__NR_rt_sigtimedwait, (long)&all, (long)&info, 0, 8);
    if (signal == SIGCHLD) reap(program);
    else if (signal > 0) forward(&info, program);
  }
}
