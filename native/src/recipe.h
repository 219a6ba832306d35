// A recipe: system calls as data. Filled in by JavaScript before clone, carried out by the child.
#pragma once
#include <napi.h>

#include <deque>
#include <string>
#include <vector>

// One system call we know. `takes` has a letter an argument:
//   s string   z string or null   v array of strings   b bytes   n number   r number, or an earlier call's result
struct Syscall {
  const char* name;
  const char* takes;
  long (*make)(const long* args);
};

// The families, each a table that ends with an empty entry.
extern const Syscall bpfCalls[], fileCalls[], mountCalls[], processCalls[], utsCalls[];

struct Step {
  const Syscall* call;
  long args[6] = {};
  const Step* from[6] = {};  // where an argument is the result of an earlier step
  std::vector<long> tolerates;
  long result = notRun;

  static constexpr long notRun = 1L << 40;

  long run();
  bool failed() const;
};

// Owns copies of all strings and bytes: V8 may move or free its own while the child runs.
class Recipe {
 public:
  explicit Recipe(const Napi::Array& calls);
  std::deque<Step> steps;

 private:
  void add(const Napi::Object& call);
  long word(char type, const Napi::Value& value, const Step*& from);
  const Step* result(uint32_t index);
  long string(const Napi::Value& value);
  long strings(const Napi::Array& array);
  long bytes(const Napi::Uint8Array& array);

  std::deque<std::string> texts;
  std::deque<std::vector<char*>> vectors;
};
