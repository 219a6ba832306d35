// What JavaScript sees of the addon; native/index.ts is the only one to look.
#include "addon.h"

#include <sys/socket.h>

#include <cerrno>

// The tiny pid 1, an ELF file built from init.c.
asm(".section .rodata\n"
    "init_start: .incbin \"init\"\n"
    "init_end:\n"
    ".text\n");
extern const uint8_t initStart[] asm("init_start");
extern const uint8_t initEnd[] asm("init_end");

// socketpair() → [ours, the child's]: tells the parent when the child waits, is gone or has exec'ed (end of file).
static Napi::Value Socketpair(const Napi::CallbackInfo& info) {
  int ends[2];
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0)
    return Napi::Number::New(info.Env(), -errno);
  auto pair = Napi::Array::New(info.Env(), 2);
  pair.Set(0u, ends[0]);
  pair.Set(1u, ends[1]);
  return pair;
}

static Napi::Object Init(Napi::Env env, Napi::Object exports) {
  exports["socketpair"] = Napi::Function::New(env, Socketpair);
  exports["clone"] = Napi::Function::New(env, Clone);
  exports["results"] = Napi::Function::New(env, Results);
  exports["release"] = Napi::Function::New(env, Release);
  exports["perform"] = Napi::Function::New(env, Perform);
  exports["wait"] = Napi::Function::New(env, Wait);
  exports["exited"] = Napi::Function::New(env, Exited);
  exports["init"] = Napi::Buffer<uint8_t>::Copy(env, initStart, initEnd - initStart);
  return exports;
}

NODE_API_MODULE(addon, Init)
