// Converts JavaScript values to C++ values. Unexpected values throw std::exception.
#pragma once
#include <napi.h>

#include <stdexcept>
#include <string>
#include <vector>

#include "op.h"

namespace n2uq {

inline std::vector<int64_t> intsOf(const Napi::Value& value) {
  const auto list = value.As<Napi::Array>();
  std::vector<int64_t> numbers(list.Length());
  for (uint32_t index = 0; index < numbers.size(); index++) numbers[index] = list.Get(index).As<Napi::Number>();
  return numbers;
}

class JavaScriptAttributes : public Attributes {
 public:
  explicit JavaScriptAttributes(const Napi::Value& object) : object_(object.As<Napi::Object>()) {}

  bool has(const char* name) const override { return !object_.Get(name).IsUndefined(); }
  double number(const char* name) const override { return get(name).As<Napi::Number>(); }
  bool flag(const char* name) const override { return get(name).As<Napi::Boolean>(); }
  std::string text(const char* name) const override { return get(name).As<Napi::String>(); }
  std::vector<int64_t> ints(const char* name) const override { return intsOf(get(name)); }

 private:
  Napi::Value get(const char* name) const {
    const Napi::Value value = object_.Get(name);
    if (value.IsUndefined()) throw std::runtime_error(std::string("the attribute ") + name + " is missing");
    return value;
  }

  Napi::Object object_;
};

}  // namespace n2uq
