#include "grid.h"

#include <ATen/ops/empty.h>
#include <ATen/ops/full.h>

#include <atomic>
#include <cmath>
#include <vector>

#include "device.h"
#include "loops.h"

namespace n2uq {
namespace {

/** What a tensor's memory refers to if it has a grid: the memory itself, and the grid. */
struct Held {
  c10::DataPtr memory;
  CodeGrid grid;
};

void release(void* held) { delete static_cast<Held*>(held); }

/** Writes the codes of weights; returns the number of values that have none. */
FOR_EACH_PROCESSOR int64_t writeRows(const float* __restrict w, const float* __restrict inverse, float low, float high,
                                     float factor, float shift, int8_t* __restrict codes, int64_t channels,
                                     int64_t rows) {
  int64_t wrong = 0;
  for (int64_t r = 0; r < rows; r++) {
    for (int64_t c = 0; c < channels; c++) {
      const float value = std::nearbyint(w[r * channels + c] * inverse[c]);
      const float code = std::nearbyint((value - shift) * factor);
      const bool fits = value >= low && value <= high;
      wrong += fits ? 0 : 1;
      codes[r * channels + c] = static_cast<int8_t>(static_cast<int32_t>(fits ? code : 0.f));
    }
  }
  return wrong;
}

/** Writes the codes of activations; returns the number of values that have none. */
FOR_EACH_PROCESSOR int32_t writeBlock(const float* __restrict y, float inverse, float offset, float most, uint8_t* __restrict codes,
                                      int64_t length) {
  int32_t wrong = 0;
  for (int64_t i = 0; i < length; i++) {
    const float code = std::nearbyint((y[i] - offset) * inverse);
    const bool fits = code >= 0.f && code <= most;
    wrong += fits ? 0 : 1;
    codes[i] = static_cast<uint8_t>(static_cast<int32_t>(fits ? code : 0.f));
  }
  return wrong;
}

/** Attaches a grid to the memory of a new tensor. Views of the tensor share it. */
void attach(Tensor& values, CodeGrid grid) {
  auto* const storage = values.storage().unsafeGetStorageImpl();
  c10::DataPtr memory = storage->set_data_ptr(c10::DataPtr());
  void* const data = memory.get();
  const c10::Device device = memory.device();
  auto* const held = new Held{std::move(memory), std::move(grid)};
  storage->set_data_ptr_noswap(c10::DataPtr(data, held, &release, device));
}

/** Whether a unit is far enough from 0 and infinity to divide by it. */
bool isUsable(float unit) { return std::isfinite(unit) && std::fabs(unit) > 1e-30f && std::fabs(unit) < 1e30f; }

}  // namespace

bool usesGrids() { return !usesGpuKernels(); }

const CodeGrid* gridOf(const Tensor& values) {
  if (!values.is_contiguous() || values.storage_offset() != 0) return nullptr;
  const auto* const held = values.storage().data_ptr().cast_context<Held>(&release);
  return held != nullptr && held->grid.codes.numel() == values.numel() ? &held->grid : nullptr;
}

CodesOf::CodesOf(const Tensor& y, Levels levels)
    : levels_(levels),
      kept_(usesGrids() && levels.most > 0 && levels.most <= 255 && isUsable(levels.unit) && std::isfinite(levels.offset)),
      codes_(at::empty({kept_ ? y.numel() : 0}, at::kByte)),
      values_(y.data_ptr<float>()) {}

void CodesOf::write(int64_t first, int64_t length) {
  if (!kept_) return;
  uint8_t* const codes = codes_.data_ptr<uint8_t>() + first;
  const float most = static_cast<float>(levels_.most);
  if (writeBlock(values_ + first, 1.f / levels_.unit, levels_.offset, most, codes, length) != 0) whole_ = false;
}

void CodesOf::attachTo(Tensor& y) {
  if (kept_ && whole_) attach(y, {codes_, at::full({1}, levels_.unit), levels_.most, 1, 0, levels_.offset});
}

void attachCodes(Tensor& values, Levels levels) {
  CodesOf codes(values, levels);
  at::parallel_for(0, values.numel(), GRAIN,
                   [&](int64_t begin, int64_t end) { codes.write(begin, end - begin); });
  codes.attachTo(values);
}

void attachWeights(Tensor& values, const Tensor& unit, int32_t low, int32_t high, bool odd) {
  if (!usesGrids() || high > 255) return;
  // Odd integers of more than 7 bits, 2c + 1, become codes c of 8 bits.
  const bool halved = odd && high > 127;
  CodeGrid grid{{}, unit.contiguous(), halved ? 128 : std::max(-low, high), halved ? 2 : 1, halved ? 1 : 0};
  const int64_t channels = values.size(-1), rows = channels == 0 ? 0 : values.numel() / channels;
  std::vector<float> inverse(channels);
  for (int64_t c = 0; c < channels; c++) {
    const float own = grid.unit.data_ptr<float>()[grid.unit.numel() == 1 ? 0 : c];
    // A channel of zeros has the unit 0; its codes do not matter.
    if (own != 0 && !isUsable(own)) return;
    inverse[c] = own == 0 ? 0.f : 1.f / own;
  }
  Tensor codes = at::empty({values.numel()}, at::kChar);
  const float* const W = values.data_ptr<float>();
  int8_t* const C = codes.data_ptr<int8_t>();
  std::atomic<bool> whole(true);
  at::parallel_for(0, rows, grainOf(channels), [&](int64_t row, int64_t end) {
    if (writeRows(W + row * channels, inverse.data(), static_cast<float>(low), static_cast<float>(high),
                  1.f / static_cast<float>(grid.factor), static_cast<float>(grid.shift), C + row * channels, channels,
                  end - row) != 0)
      whole = false;
  });
  if (!whole) return;
  grid.codes = codes;
  attach(values, std::move(grid));
}

}  // namespace n2uq
