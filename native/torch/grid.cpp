#include "grid.h"

#include <ATen/ops/empty.h>
#include <ATen/ops/full.h>

#include <atomic>
#include <cmath>
#include <memory>

#include "device.h"
#include "loops.h"

namespace n2uq {
namespace {

/** What a tensor's memory refers to if it has a grid: the memory itself, and the grid. */
struct Held {
  c10::DataPtr memory;
  Grid grid;
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

}  // namespace

bool usesGrids() { return !usesGpuKernels(); }

void attach(Tensor& values, Grid grid) {
  auto* const storage = values.storage().unsafeGetStorageImpl();
  c10::DataPtr memory = storage->set_data_ptr(c10::DataPtr());
  void* const data = memory.get();
  const c10::Device device = memory.device();
  auto* const held = new Held{std::move(memory), std::move(grid)};
  storage->set_data_ptr_noswap(c10::DataPtr(data, held, &release, device));
}

const Grid* gridOf(const Tensor& values) {
  if (!values.is_contiguous() || values.storage_offset() != 0) return nullptr;
  const auto* const held = values.storage().data_ptr().cast_context<Held>(&release);
  return held != nullptr && held->grid.codes.numel() == values.numel() ? &held->grid : nullptr;
}

bool isUsable(float unit) { return std::isfinite(unit) && std::fabs(unit) > 1e-30f && std::fabs(unit) < 1e30f; }

bool writeCodes(const float* y, float unit, float offset, int32_t most, uint8_t* codes, int64_t length) {
  return writeBlock(y, 1.f / unit, offset, static_cast<float>(most), codes, length) == 0;
}

Grid gridOfActivations(const Tensor& values, float unit, float offset, int32_t most) {
  Grid grid{{}, at::full({1}, unit), most, 1, 0, offset};
  if (!isUsable(unit) || !std::isfinite(offset)) return grid;
  Tensor codes = at::empty({values.numel()}, at::kByte);
  const float* const Y = values.data_ptr<float>();
  uint8_t* const C = codes.data_ptr<uint8_t>();
  std::atomic<bool> whole(true);
  at::parallel_for(0, values.numel(), GRAIN, [&](int64_t begin, int64_t end) {
    if (!writeCodes(Y + begin, unit, offset, most, C + begin, end - begin)) whole = false;
  });
  if (whole) grid.codes = codes;
  return grid;
}

Grid gridOfWeights(const Tensor& values, const Tensor& unit, int32_t low, int32_t high, bool odd) {
  // Odd integers of more than 7 bits, 2c + 1, become codes c of 8 bits.
  const bool halved = odd && high > 127;
  Grid grid{{}, unit.contiguous(), halved ? 128 : std::max(-low, high), halved ? 2 : 1, halved ? 1 : 0};
  const int64_t channels = values.size(-1), rows = channels == 0 ? 0 : values.numel() / channels;
  std::vector<float> inverse(channels);
  for (int64_t c = 0; c < channels; c++) {
    const float own = grid.unit.data_ptr<float>()[grid.unit.numel() == 1 ? 0 : c];
    // A channel of zeros has the unit 0; its codes do not matter.
    if (own != 0 && !isUsable(own)) return grid;
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
  if (whole) grid.codes = codes;
  return grid;
}

void attachIfWhole(Tensor& values, Grid grid) {
  if (grid.codes.defined()) attach(values, std::move(grid));
}

}  // namespace n2uq
