// Waiting for a child: waitid(2) on its pidfd, woken by libuv's poll. No thread waits, so none of libuv's four
// is taken from the file system, and no other child's exit is stolen, as waitid(P_ALL) would.
#include <sys/wait.h>
#include <uv.h>

#include <cerrno>
#include <memory>

#include "addon.h"

#ifndef P_PIDFD
#define P_PIDFD 3
#endif

// How it ended; si_pid is 0 where it has not.
static siginfo_t reap(int pidfd, int options) {
  siginfo_t info = {};
  int result;
  do result = waitid(static_cast<idtype_t>(P_PIDFD), pidfd, &info, WEXITED | options);
  while (result < 0 && errno == EINTR);
  if (result < 0) info.si_pid = -1;  // somebody else has reaped it: nobody will ever know
  return info;
}

// { code, status }
static Napi::Object endOf(const Napi::Env& env, const siginfo_t& info) {
  auto end = Napi::Object::New(env);
  end["code"] = Napi::Number::New(env, info.si_code);
  end["status"] = Napi::Number::New(env, info.si_status);
  return end;
}

// wait(pidfd) → how it ended. Blocks.
Napi::Value Wait(const Napi::CallbackInfo& info) {
  return endOf(info.Env(), reap(info[0].As<Napi::Number>().Int32Value(), 0));
}

struct Waiting {
  uv_poll_t poll;
  int pidfd;
  Napi::FunctionReference done;
};

static void onReadable(uv_poll_t* poll, int, int) {
  auto* waiting = static_cast<Waiting*>(poll->data);
  siginfo_t info = reap(waiting->pidfd, WNOHANG);
  if (info.si_pid == 0) return;
  uv_close(reinterpret_cast<uv_handle_t*>(poll), [](uv_handle_t* handle) {
    delete static_cast<Waiting*>(handle->data);
  });
  Napi::HandleScope scope(waiting->done.Env());
  waiting->done.MakeCallback(waiting->done.Env().Global(), {endOf(waiting->done.Env(), info)});
}

// exited(pidfd, done): calls done(end) when the process has ended, and reaps it.
Napi::Value Exited(const Napi::CallbackInfo& info) {
  uv_loop_t* loop;
  napi_get_uv_event_loop(info.Env(), &loop);
  auto waiting = std::make_unique<Waiting>();
  waiting->pidfd = info[0].As<Napi::Number>().Int32Value();
  waiting->done = Napi::Persistent(info[1].As<Napi::Function>());
  if (int error = uv_poll_init(loop, &waiting->poll, waiting->pidfd))
    throw Napi::Error::New(info.Env(), uv_strerror(error));
  waiting->poll.data = waiting.get();
  uv_poll_start(&waiting.release()->poll, UV_READABLE, onReadable);
  return info.Env().Undefined();
}
