// clone3(2): the child carries out its recipe on a stack of its own, in memory it shares with us until exec.
//
// Sharing (CLONE_VM, as vfork does) spares the kernel copying Node's page tables: 1 ms a start, whatever Node's
// size. Not CLONE_VFORK: we would sleep until exec, and could not set up what waitForParent waits for.
#include <linux/sched.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#include <csignal>
#include <memory>

#include "addon.h"
#include "raw.h"
#include "recipe.h"

#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/asan_interface.h>
#endif

// Outlives the call: the child reads it until it execs or dies. Freed by Release(), once it has.
struct Life {
  static constexpr size_t stackSize = 64 * 1024;

  explicit Life(const Napi::Array& calls) : recipe(calls) {
    stack = mmap(nullptr, stackSize, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
    if (stack == MAP_FAILED) throw Napi::Error::New(calls.Env(), "no memory for the child's stack");
  }
  ~Life() {
#ifdef __SANITIZE_ADDRESS__
    ASAN_UNPOISON_MEMORY_REGION(stack, stackSize);  // the child never returned from its frames
#endif
    munmap(stack, stackSize);
  }

  Recipe recipe;
  void* stack;
};

// The child, from birth to exec.
[[noreturn]] static void live(Life* life) {
  for (Step& step : life->recipe.steps) {
    step.run();
    if (step.failed()) break;
  }
  raw(SYS_exit_group, 127);
  __builtin_unreachable();
}

// clone3 with a new stack: the child cannot return from here, its stack has nowhere to return to.
static long clone3_onto(clone_args* args, Life* life) {
#if defined(__x86_64__)
  long result;
  asm volatile(
      "syscall\n\t"
      "test %%rax, %%rax\n\t"
      "jnz 1f\n\t"
      "mov %[life], %%rdi\n\t"
      "call *%[live]\n"
      "1:"
      : "=a"(result)
      : "a"(SYS_clone3), "D"(args), "S"(sizeof *args), [live] "r"(live), [life] "r"(life)
      : "rcx", "r11", "memory");
  return result;
#else
  register long x8 asm("x8") = SYS_clone3;
  register long x0 asm("x0") = reinterpret_cast<long>(args);
  register long x1 asm("x1") = sizeof *args;
  asm volatile(
      "svc 0\n\t"
      "cbnz x0, 1f\n\t"
      "mov x0, %[life]\n\t"
      "blr %[live]\n"
      "1:"
      : "+r"(x0)
      : "r"(x8), "r"(x1), [live] "r"(live), [life] "r"(life)
      : "x30", "memory");
  return x0;
#endif
}

// A signal handler of Node's must not run in the child, which shares Node's memory: none gets through.
template <typename Act>
static long without_signals(Act act) {
  uint64_t all = ~0UL, before;
  raw(SYS_rt_sigprocmask, SIG_SETMASK, reinterpret_cast<long>(&all), reinterpret_cast<long>(&before), 8);
  long result = act();
  raw(SYS_rt_sigprocmask, SIG_SETMASK, reinterpret_cast<long>(&before), 0, 8);
  return result;
}

// clone(flags, recipe, cgroup | null) → { pid, pidfd, life }, or a negative errno as pid.
Napi::Value Clone(const Napi::CallbackInfo& info) {
  auto life = std::make_unique<Life>(info[1].As<Napi::Array>());
  int pidfd = -1;

  clone_args args = {};
  args.flags = info[0].As<Napi::Number>().Int64Value() | CLONE_VM | CLONE_PIDFD | CLONE_CLEAR_SIGHAND;
  args.pidfd = reinterpret_cast<uintptr_t>(&pidfd);
  args.exit_signal = SIGCHLD;
  args.stack = reinterpret_cast<uintptr_t>(life->stack);
  args.stack_size = Life::stackSize;
  if (info[2].IsNumber()) {
    args.flags |= CLONE_INTO_CGROUP;
    args.cgroup = info[2].As<Napi::Number>().Int64Value();
  }
  long pid = without_signals([&] { return clone3_onto(&args, life.get()); });

  auto result = Napi::Object::New(info.Env());
  result["pid"] = Napi::Number::New(info.Env(), pid);
  result["pidfd"] = Napi::Number::New(info.Env(), pidfd);
  if (pid > 0) result["life"] = Napi::External<Life>::New(info.Env(), life.release());
  return result;
}

// results(life) → what each call has returned so far, undefined for one that has not.
Napi::Value Results(const Napi::CallbackInfo& info) {
  auto results = Napi::Array::New(info.Env());
  for (const Step& step : info[0].As<Napi::External<Life>>().Data()->recipe.steps)
    results.Set(results.Length(), step.result == Step::notRun ? info.Env().Undefined()
                                                               : Napi::Number::New(info.Env(), step.result));
  return results;
}

// release(life): only when the child has exec'ed or died. Until then it lives in that memory.
Napi::Value Release(const Napi::CallbackInfo& info) {
  delete info[0].As<Napi::External<Life>>().Data();
  return info.Env().Undefined();
}

// perform(recipe) → the result of its one call, made here and now by this thread, with signals held back.
Napi::Value Perform(const Napi::CallbackInfo& info) {
  Recipe recipe(info[0].As<Napi::Array>());
  long result = without_signals([&] { return recipe.steps.front().run(); });
  return Napi::Number::New(info.Env(), result);
}
