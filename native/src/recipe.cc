#include "recipe.h"

#include <cmath>
#include <cstring>

static const Syscall* const families[] = {bpfCalls, fileCalls, mountCalls, processCalls, utsCalls};

static const Syscall* find(const Napi::Env& env, const std::string& name) {
  for (const Syscall* family : families)
    for (const Syscall* call = family; call->name; call++)
      if (name == call->name) return call;
  throw Napi::TypeError::New(env, "no such call in the addon: " + name);
}

Recipe::Recipe(const Napi::Array& calls) {
  for (uint32_t i = 0; i < calls.Length(); i++) add(calls.Get(i).As<Napi::Object>());
}

void Recipe::add(const Napi::Object& call) {
  std::string name = call.Get("name").As<Napi::String>();
  Napi::Array args = call.Get("args").As<Napi::Array>();
  Napi::Array tolerates = call.Get("tolerates").As<Napi::Array>();

  Step step;
  step.call = find(call.Env(), name);
  if (args.Length() != strlen(step.call->takes))
    throw Napi::TypeError::New(call.Env(), name + " takes " + std::to_string(strlen(step.call->takes)) + " arguments");
  for (uint32_t i = 0; i < args.Length(); i++) {
    try {
      step.args[i] = word(step.call->takes[i], args.Get(i), step.from[i]);
    } catch (const char* expected) {
      throw Napi::TypeError::New(call.Env(), name + ": argument " + std::to_string(i) + " must be " + expected);
    }
  }
  for (uint32_t i = 0; i < tolerates.Length(); i++)
    step.tolerates.push_back(tolerates.Get(i).As<Napi::Number>().Int64Value());
  steps.push_back(std::move(step));
}

// An argument as the kernel takes it: a number, or the address of our copy.
long Recipe::word(char type, const Napi::Value& value, const Step*& from) {
  switch (type) {
    case 'z':
      if (value.IsNull()) return 0;
      [[fallthrough]];
    case 's':
      if (!value.IsString()) throw "a string";
      return string(value);
    case 'v':
      if (!value.IsArray()) throw "an array of strings";
      return strings(value.As<Napi::Array>());
    case 'b':
      if (!value.IsTypedArray()) throw "a Uint8Array";
      return bytes(value.As<Napi::Uint8Array>());
    case 'r':
      if (!value.IsObject()) break;
      from = result(value.As<Napi::Object>().Get("result").As<Napi::Number>().Uint32Value());
      return 0;
  }
  if (!value.IsNumber()) throw "a number";
  double number = value.As<Napi::Number>();
  if (number != std::trunc(number)) throw "an integer";
  return value.As<Napi::Number>().Int64Value();
}

const Step* Recipe::result(uint32_t index) {
  if (index >= steps.size()) throw "the result of an earlier call in the recipe";
  return &steps[index];
}

long Recipe::string(const Napi::Value& value) {
  texts.push_back(value.As<Napi::String>());
  if (texts.back().find('\0') != std::string::npos) throw "a string without a null byte";
  return reinterpret_cast<long>(texts.back().data());
}

long Recipe::strings(const Napi::Array& array) {
  std::vector<char*> pointers;
  for (uint32_t i = 0; i < array.Length(); i++) {
    Napi::Value text = array.Get(i);
    if (!text.IsString()) throw "an array of strings";
    pointers.push_back(reinterpret_cast<char*>(string(text)));
  }
  pointers.push_back(nullptr);
  vectors.push_back(std::move(pointers));
  return reinterpret_cast<long>(vectors.back().data());
}

long Recipe::bytes(const Napi::Uint8Array& array) {
  texts.emplace_back(reinterpret_cast<const char*>(array.Data()), array.ByteLength());
  return reinterpret_cast<long>(texts.back().data());
}

// From here on the code runs in the child too: no allocation, no lock, no libc.

long Step::run() {
  long words[6];
  for (int i = 0; i < 6; i++) words[i] = from[i] ? from[i]->result : args[i];
  return result = call->make(words);
}

bool Step::failed() const {
  if (result >= 0) return false;
  for (long error : tolerates)
    if (result == -error) return false;
  return true;
}
