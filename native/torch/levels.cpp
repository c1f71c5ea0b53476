#include "levels.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "loops.h"

namespace n2uq {
namespace {

/** Number of values that stay in the L1 cache with everything that is computed for them. */
constexpr int64_t FEW = 256;
/** Sums per cell are kept this many times, so that an addition rarely waits for the one before. */
constexpr int64_t COPIES = 4;
/** Lower bound of a p: prevents division by zero where softmax underflows (src/core/lcq.ts). */
constexpr float SMALLEST_PART = 1e-30f;

/** v, the number of borders below it, and its level. A v of NaN has the level NaN, so that it stays visible. */
struct Found {
  float ratio[FEW], level[FEW];
  int32_t place[FEW];
};

/** For few borders, whose number is known at compile time: compares with all of them. */
template <int N>
inline __attribute__((always_inline)) void compareWith(const float* __restrict x, float clip,
                                                       const float* __restrict borders,
                                                       const float* __restrict levels, Found& to, int64_t length) {
  // The levels are loaded unconditionally, to avoid a branch in the loop.
  float own[N + 1];
  for (int e = 0; e <= N; e++) own[e] = levels[e];
  for (int64_t i = 0; i < length; i++) {
    const float v = x[i] / clip;
    float level = own[0];
    int32_t place = 0;
    for (int e = 0; e < N; e++) {
      level = v > borders[e] ? own[e + 1] : level;
      place += v > borders[e] ? 1 : 0;
    }
    to.ratio[i] = v;
    to.place[i] = place;
    to.level[i] = v == v ? level : v;
  }
}

/** For any number: binary search. @param count number of borders, a power of two minus 1 */
inline __attribute__((always_inline)) void searchIn(const float* __restrict x, float clip,
                                                    const float* __restrict borders, int64_t count,
                                                    const float* __restrict levels, Found& to, int64_t length) {
  for (int64_t i = 0; i < length; i++) {
    to.ratio[i] = x[i] / clip;
    to.place[i] = 0;
  }
  for (int32_t step = static_cast<int32_t>((count + 1) / 2); step > 0; step /= 2) {
    for (int64_t i = 0; i < length; i++) {
      to.place[i] += to.ratio[i] > borders[to.place[i] + step - 1] ? step : 0;
    }
  }
  for (int64_t i = 0; i < length; i++) {
    const float v = to.ratio[i], level = levels[to.place[i]];
    to.level[i] = v == v ? level : v;
  }
}

FOR_EACH_PROCESSOR void find(const float* __restrict x, float clip, const float* __restrict borders, int64_t count,
                             const float* __restrict levels, Found& to, int64_t length) {
  if (count == 0) return compareWith<0>(x, clip, borders, levels, to, length);
  if (count == 1) return compareWith<1>(x, clip, borders, levels, to, length);
  if (count == 3) return compareWith<3>(x, clip, borders, levels, to, length);
  if (count == 7) return compareWith<7>(x, clip, borders, levels, to, length);
  if (count == 15) return compareWith<15>(x, clip, borders, levels, to, length);
  searchIn(x, clip, borders, count, levels, to, length);
}

/** Writes dx; adds Σdy·(level - v inside the range) and Σdy·level. */
FOR_EACH_PROCESSOR void gradientOf(const float* __restrict dy, const Found& found, float last, float* __restrict dx,
                                   LevelSums& sums, int64_t length) {
  float slope = 0, leveled = 0;
  for (int64_t i = 0; i < length; i++) {
    const float v = found.ratio[i], level = found.level[i], d = dy[i];
    // A bitwise operator, because the compiler does not vectorize a loop with branches.
    const bool inside = (v >= 0.f) & (v <= last);
    const float own = inside ? v : 0.f;
    dx[i] = inside ? d : 0.f;
    slope += d * (level - own);
    leveled += d * level;
  }
  sums.slope += slope;
  sums.level += leveled;
}

/** Per value: the index of its cell's sums, and dx and dx·position of v in the interval. */
struct Terms {
  int32_t cell[FEW];
  float both[2 * FEW];
};

/** A cell is the number of borders and of ends of f's intervals below v. */
FOR_EACH_PROCESSOR void termsOf(const float* __restrict dx, const Found& found, float K, Terms& terms, int64_t length) {
  for (int64_t i = 0; i < length; i++) {
    const float v = found.ratio[i];
    const float raised = v > 0.f ? v : 0.f, position = (raised < 1.f ? raised : 1.f) * K;
    const float interval = std::min(std::floor(position), K - 1.f);
    terms.cell[i] = 2 * (found.place[i] + static_cast<int32_t>(interval));
    terms.both[2 * i] = dx[i];
    terms.both[2 * i + 1] = dx[i] * (position - interval);
  }
}

/** Adds the two terms of a value in one instruction. */
inline __attribute__((always_inline)) void addTo(double* __restrict cell, const float* __restrict both) {
  cell[0] += both[0];
  cell[1] += both[1];
}

void addTerms(const Terms& terms, int64_t cells, double* __restrict sums, int64_t length) {
  int64_t i = 0;
  for (; i + COPIES <= length; i += COPIES) {
    for (int64_t copy = 0; copy < COPIES; copy++) {
      addTo(sums + 2 * copy * cells + terms.cell[i + copy], terms.both + 2 * (i + copy));
    }
  }
  for (; i < length; i++) addTo(sums + terms.cell[i], terms.both + 2 * i);
}

float clipped(float value) { return std::min(std::max(value, 0.f), 1.f); }

}  // namespace

LevelQuantizer::LevelQuantizer(const Tensors& inputs, size_t next, const Attributes& attributes)
    : clip(std::max(inputs.at(next).item<float>(), static_cast<float>(attributes.number("smallest")))),
      last(attributes.flag("closed") ? 1.f : std::nextafter(1.f, 0.f)) {
  if (inputs.size() > next + 1) {
    compand(inputs[next + 1], static_cast<int64_t>(attributes.number("steps")));
  } else {
    useCodes(attributes.ints("codes"));
  }
  size_t count = 1;
  while (count < border.size() + 1) count *= 2;
  searched_ = border;
  searched_.resize(count - 1, std::numeric_limits<float>::infinity());
}

/** A border is the middle of two levels; everything is computed in float64 and rounded once, as in src/core/apot.ts. */
void LevelQuantizer::useCodes(const std::vector<int64_t>& given) {
  codes = given;
  for (const int64_t code : codes) {
    const double before = level.empty() ? 0 : level.back();
    level.push_back(static_cast<float>(static_cast<double>(code) / static_cast<double>(codes.back())));
    if (level.size() > 1) border.push_back(static_cast<float>((before + level.back()) / 2));
  }
}

/** LCQ's levels and borders, with the operations of `companderOf` in src/core/lcq.ts in the same order. */
void LevelQuantizer::compand(const Tensor& given, int64_t steps) {
  const Tensor dense = given.contiguous();
  const float* const theta = dense.data_ptr<float>();
  const int64_t K = dense.numel();
  const float largest = *std::max_element(theta, theta + K), share = 1.f / static_cast<float>(K);
  std::vector<float> ends;
  float running = 0;
  for (int64_t m = 0; m < K; m++) {
    parts.push_back(static_cast<float>(std::exp(static_cast<double>(theta[m] - largest))));
    running += parts.back();
    ends.push_back(running);
  }
  for (int64_t m = 0; m < K; m++) {
    parts[m] /= running;
    ends[m] /= running;
  }
  const auto expand = [&](double value, float* slope) {
    const float q = static_cast<float>(value);
    int64_t m = 0;
    while (m < K - 1 && q > ends[m]) m++;
    const float part = std::max(parts[m], SMALLEST_PART), lower = m == 0 ? 0.f : ends[m - 1];
    *slope = share / part;
    return (clipped((q - lower) / part) + static_cast<float>(m)) * share;
  };
  float slope;
  const double N = static_cast<double>(steps);
  for (int64_t k = 0; k <= steps; k++) {
    level.push_back(expand(static_cast<double>(k) / N, &slope));
    expansion.push_back(slope);
    if (k < steps) border.push_back(expand((static_cast<double>(k) + 0.5) / N, &slope));
  }
  level.back() = 1;
}

Levels LevelQuantizer::levels() const {
  const int64_t most = codes.empty() ? 0 : codes.back();
  return {most == 0 ? 0.f : clip / static_cast<float>(most), 0, static_cast<int32_t>(most)};
}

void LevelQuantizer::quantize(const float* x, float scale, float* y, int64_t length) const {
  std::vector<float> scaled(level);
  for (float& one : scaled) one *= scale;
  Found found;
  const int64_t count = static_cast<int64_t>(searched_.size());
  for (int64_t i = 0; i < length; i += FEW) {
    const int64_t few = std::min(FEW, length - i);
    find(x + i, clip, searched_.data(), count, scaled.data(), found, few);
    std::copy_n(found.level, few, y + i);
  }
}

void LevelQuantizer::gradient(const float* dy, const float* x, float* dx, float*, Sums& sums, int64_t length) const {
  Found found;
  Terms terms;
  const int64_t count = static_cast<int64_t>(searched_.size());
  for (int64_t i = 0; i < length; i += FEW) {
    const int64_t few = std::min(FEW, length - i);
    find(x + i, clip, searched_.data(), count, level.data(), found, few);
    gradientOf(dy + i, found, last, dx + i, sums, few);
    if (parts.empty()) continue;
    termsOf(dx + i, found, static_cast<float>(parts.size()), terms, few);
    addTerms(terms, cells(), sums.cells.data(), few);
  }
}

LevelSums LevelQuantizer::noSums() const {
  return {0, 0, std::vector<double>(parts.empty() ? 0 : 2 * COPIES * cells())};
}

void LevelQuantizer::add(Sums& sums, const Sums& others) const {
  sums.slope += others.slope;
  sums.level += others.level;
  for (size_t i = 0; i < sums.cells.size(); i++) sums.cells[i] += others.cells[i];
}

void LevelQuantizer::append(Tensors& outputs, const Sums& sums, float scale) const {
  const Tensor dAlpha = outputs.at(0).new_empty({1});
  *dAlpha.data_ptr<float>() = static_cast<float>(scale * sums.slope);
  outputs.push_back(dAlpha);
  if (parts.empty()) return;
  const std::vector<double> gradient = thetaGradient(sums, static_cast<double>(scale) * clip);
  const Tensor dTheta = outputs.at(0).new_empty({static_cast<int64_t>(gradient.size())});
  for (size_t m = 0; m < gradient.size(); m++) dTheta.data_ptr<float>()[m] = static_cast<float>(gradient[m]);
  outputs.push_back(dTheta);
}

/**
 * dθ as in src/core/lcq.ts, `thetaGradient`, from the sums per cell. In one cell all values have the same level k and the
 * same interval m; from a cell to the next, one of the two increases.
 */
std::vector<double> LevelQuantizer::thetaGradient(const Sums& sums, double flow) const {
  const size_t K = parts.size(), N = border.size();
  std::vector<double> whole(K), partly(K), byLevel(N + 1), byPart(K);
  size_t k = 0, m = 0;
  for (int64_t cell = 0; cell < cells(); cell++) {
    double sum = 0, product = 0;
    for (int64_t copy = 0; copy < COPIES; copy++) {
      sum += sums.cells[2 * (copy * cells() + cell)];
      product += sums.cells[2 * (copy * cells() + cell) + 1];
    }
    const double factor = flow * expansion[k];
    whole[m] += factor * sum;
    partly[m] += factor * product;
    byLevel[k] += factor * sum;
    // At a border itself, a value is in the later interval but has the lower level.
    const bool endsInterval = m + 1 < K && (k == N || static_cast<float>(m + 1) / static_cast<float>(K) <= border[k]);
    if (endsInterval) m++;
    else if (k < N) k++;
  }
  double later = 0, mean = 0;
  for (size_t part = K; part-- > 0;) {
    byPart[part] = later + partly[part];
    later += whole[part];
    for (size_t one = 0; one <= N; one++) {
      const double covered = static_cast<double>(level[one]) * static_cast<double>(K) - static_cast<double>(part);
      byPart[part] -= byLevel[one] * std::min(std::max(covered, 0.), 1.);
    }
    mean += parts[part] * byPart[part];
  }
  for (size_t part = 0; part < K; part++) byPart[part] = parts[part] * (byPart[part] - mean);
  return byPart;
}

}  // namespace n2uq
