#pragma once
#include <napi.h>

Napi::Value Clone(const Napi::CallbackInfo& info);
Napi::Value Results(const Napi::CallbackInfo& info);
Napi::Value Release(const Napi::CallbackInfo& info);
Napi::Value Perform(const Napi::CallbackInfo& info);
Napi::Value Wait(const Napi::CallbackInfo& info);
Napi::Value Exited(const Napi::CallbackInfo& info);
