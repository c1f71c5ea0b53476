// Converts between JavaScript and C++ values. Unexpected values throw std::runtime_error.
#pragma once
#include <node_api.h>

#include <stdexcept>
#include <string>
#include <unordered_map>
#include <vector>

#include "op.h"

namespace n2uq {

inline void check(napi_status status, const char* what) {
  if (status != napi_ok) throw std::runtime_error(std::string("expected ") + what);
}

inline double numberOf(napi_env env, napi_value value) {
  double number = 0;
  check(napi_get_value_double(env, value, &number), "a number");
  return number;
}

inline std::string textOf(napi_env env, napi_value value) {
  size_t length = 0;
  check(napi_get_value_string_utf8(env, value, nullptr, 0, &length), "a text");
  std::string text(length, '\0');
  napi_get_value_string_utf8(env, value, text.data(), length + 1, &length);
  return text;
}

inline std::vector<int64_t> intsOf(napi_env env, napi_value value) {
  uint32_t length = 0;
  check(napi_get_array_length(env, value, &length), "a list of numbers");
  std::vector<int64_t> numbers(length);
  for (uint32_t index = 0; index < length; index++) {
    napi_value element;
    napi_get_element(env, value, index, &element);
    numbers[index] = static_cast<int64_t>(numberOf(env, element));
  }
  return numbers;
}

class JavaScriptAttributes : public Attributes {
 public:
  JavaScriptAttributes(napi_env env, napi_value object) : env_(env), object_(object) {}

  bool has(const char* name) const override {
    napi_value value;
    napi_valuetype type = napi_undefined;
    napi_get_named_property(env_, object_, name, &value);
    napi_typeof(env_, value, &type);
    return type != napi_undefined;
  }
  double number(const char* name) const override { return numberOf(env_, get(name)); }
  bool flag(const char* name) const override {
    bool value = false;
    check(napi_get_value_bool(env_, get(name), &value), name);
    return value;
  }
  std::string text(const char* name) const override { return textOf(env_, get(name)); }
  std::vector<int64_t> ints(const char* name) const override { return intsOf(env_, get(name)); }

 private:
  napi_value get(const char* name) const {
    if (!has(name)) throw std::runtime_error(std::string("the attribute ") + name + " is missing");
    napi_value value;
    napi_get_named_property(env_, object_, name, &value);
    return value;
  }

  napi_env env_;
  napi_value object_;
};

inline napi_value undefined(napi_env env) {
  napi_value value;
  napi_get_undefined(env, &value);
  return value;
}

inline napi_value numberValue(napi_env env, double number) {
  napi_value value;
  napi_create_double(env, number, &value);
  return value;
}

inline napi_value textValue(napi_env env, const std::string& text) {
  napi_value value;
  napi_create_string_utf8(env, text.c_str(), text.size(), &value);
  return value;
}

/** The tensors of one Node environment: the main thread and each worker have their own. */
struct State {
  std::unordered_map<int64_t, Tensor> tensors;
  int64_t next = 1;

  const Tensor& at(int64_t id) const {
    const auto found = tensors.find(id);
    if (found == tensors.end()) throw std::runtime_error("there is no tensor " + std::to_string(id));
    return found->second;
  }
};

/** One call from JavaScript. */
struct Call {
  napi_env env;
  State& state;
  napi_value arguments[4];

  int64_t id(int index) const { return static_cast<int64_t>(numberOf(env, arguments[index])); }
};

}  // namespace n2uq
