#include "allocator.h"

#include <c10/core/Allocator.h>
#include <c10/core/CPUAllocator.h>

#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <new>
#include <unordered_map>
#include <vector>

namespace n2uq {
namespace {

constexpr size_t ALIGNMENT = 64;
/** Smaller allocations use the C library, which is fast enough for them. */
constexpr size_t SMALLEST = 1 << 16;

/** Rounds sizes up to eighths of a power of two. This wastes at most an eighth, and equal sizes become frequent. */
size_t roundedUp(size_t bytes) {
  size_t step = SMALLEST / 8;
  while (step * 16 <= bytes) step *= 2;
  return (bytes + step - 1) / step * step;
}

class Cache {
 public:
  void* take(size_t bytes) {
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      std::vector<void*>& free = free_[bytes];
      if (!free.empty()) {
        void* piece = free.back();
        free.pop_back();
        return piece;
      }
    }
    void* piece = fetch(bytes);
    if (piece == nullptr) {
      empty();
      piece = fetch(bytes);
    }
    if (piece == nullptr) throw std::bad_alloc();
    const std::lock_guard<std::mutex> lock(mutex_);
    sizes_[piece] = bytes;
    return piece;
  }

  /** @returns false for memory that this cache did not allocate */
  bool give(void* piece) {
    const std::lock_guard<std::mutex> lock(mutex_);
    const auto found = sizes_.find(piece);
    if (found == sizes_.end()) return false;
    free_[found->second].push_back(piece);
    return true;
  }

 private:
  static void* fetch(size_t bytes) {
    void* piece = nullptr;
    return posix_memalign(&piece, ALIGNMENT, bytes) == 0 ? piece : nullptr;
  }

  /** Returns all unused memory to the system. */
  void empty() {
    const std::lock_guard<std::mutex> lock(mutex_);
    for (auto& entry : free_) {
      for (void* piece : entry.second) {
        sizes_.erase(piece);
        std::free(piece);
      }
      entry.second.clear();
    }
  }

  std::mutex mutex_;
  std::unordered_map<size_t, std::vector<void*>> free_;
  std::unordered_map<void*, size_t> sizes_;
};

/** Never destroyed, because tensors may outlive all other objects of the process. */
Cache& cache() {
  static Cache* const one = new Cache;
  return *one;
}

/**
 * One deleter for all memory, from this cache or from the C library, because libraries that ATen calls pass
 * plain pointers.
 */
void freed(void* piece) {
  if (!cache().give(piece)) std::free(piece);
}

c10::DataPtr allocated(size_t bytes) {
  const c10::Device cpu(c10::DeviceType::CPU);
  if (bytes == 0) return {nullptr, nullptr, &freed, cpu};
  if (bytes >= SMALLEST) {
    void* piece = cache().take(roundedUp(bytes));
    return {piece, piece, &freed, cpu};
  }
  void* piece = nullptr;
  if (posix_memalign(&piece, ALIGNMENT, bytes) != 0) throw std::bad_alloc();
  return {piece, piece, &freed, cpu};
}

/**
 * Since libtorch 2, `allocate` is not const and there is `copy_data`. Both versions of `allocate` are
 * defined, so one of them overrides that of the base class.
 */
struct CachingAllocator final : c10::Allocator {
  c10::DataPtr allocate(size_t bytes) const { return allocated(bytes); }
  c10::DataPtr allocate(size_t bytes) { return allocated(bytes); }
  c10::DeleterFnPtr raw_deleter() const override { return &freed; }
  void copy_data(void* to, const void* from, size_t bytes) const { std::memcpy(to, from, bytes); }
};

}  // namespace

void useCachingAllocator() {
  static CachingAllocator* const allocator = [] {
    auto* made = new CachingAllocator;
    c10::SetCPUAllocator(made, 1);
    return made;
  }();
  (void)allocator;
}

}  // namespace n2uq
