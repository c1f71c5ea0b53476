// A library that is loaded at run time, so that a build needs neither it nor its headers.
#pragma once
#include <dlfcn.h>

#include <mutex>
#include <stdexcept>
#include <string>
#include <unordered_map>
#include <vector>

namespace n2uq {

/** Its functions are called with the prototypes of the library's manual. */
class Library {
 public:
  /** Opens the first of these files. Throws the loader's reason for the last one. */
  explicit Library(const std::vector<std::string>& names) {
    for (const std::string& name : names) {
      if ((handle_ = dlopen(name.c_str(), RTLD_NOW | RTLD_LOCAL)) != nullptr) return;
    }
    const char* reason = dlerror();
    throw std::runtime_error(reason == nullptr ? "a library is missing" : reason);
  }
  Library(const Library&) = delete;

  template <typename Result = int, typename... Parameters>
  Result call(const char* name, Parameters... parameters) const {
    return reinterpret_cast<Result (*)(Parameters...)>(find(name))(parameters...);
  }

 private:
  void* find(const char* name) const {
    const std::lock_guard<std::mutex> lock(mutex_);
    void*& found = found_[name];
    if (found == nullptr) found = dlsym(handle_, name);
    if (found == nullptr) throw std::runtime_error(std::string("a library has no function ") + name);
    return found;
  }

  void* handle_ = nullptr;
  mutable std::mutex mutex_;
  mutable std::unordered_map<std::string, void*> found_;
};

}  // namespace n2uq
