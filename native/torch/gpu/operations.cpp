// Operations with separate GPU versions: kernels of kernels.cu, or ATen functions.
#include <ATen/ops/cat.h>
#include <ATen/ops/native_batch_norm.h>
#include <ATen/ops/native_batch_norm_backward.h>

#include <algorithm>
#include <numeric>

#include "../adam.h"
#include "../op.h"
#include "launch.h"

namespace n2uq {
namespace {

constexpr int64_t THREADS = 128, FEWEST_THREADS = 16;
/** Minimum number of values per thread, if there are enough values, and maximum number of blocks. */
constexpr int64_t VALUES = 32, MOST_BLOCKS = 4096;

/** Number of blocks for `count` values, such that the number of threads is a multiple of the channels. */
Grid gridOf(int64_t count, int64_t channels = 1, int64_t threads = THREADS, int64_t sharedValues = 0) {
  const int64_t wanted = std::min((count + threads * VALUES - 1) / (threads * VALUES), MOST_BLOCKS);
  const int64_t multiple = std::max<int64_t>(1, channels) / std::gcd(std::max<int64_t>(1, channels), threads);
  const int64_t blocks = (std::max<int64_t>(wanted, 1) + multiple - 1) / multiple * multiple;
  return {static_cast<unsigned>(blocks), static_cast<unsigned>(threads),
          static_cast<unsigned>(sharedValues * sizeof(float))};
}

int64_t allThreads(const Grid& grid) { return static_cast<int64_t>(grid.blocks) * grid.threads; }

/** Sums `parts [kinds, many, ..]` over the second axis in a fixed order. */
Tensor added(const Tensor& parts) { return parts.sum(at::IntArrayRef{1}, false, at::kDouble); }

const float* read(const Tensor& x) { return x.defined() ? x.data_ptr<float>() : nullptr; }
Output<float> written(const Tensor& x) {
  return x.defined() ? Output<float>{x.data_ptr<float>(), x.numel()} : Output<float>{nullptr, 0};
}

/** The inputs of an activation chain (chain.cpp), with the quantizer's table. */
struct Chain {
  Tensor x, bias1, alpha, bias2, table;
  int n = 0;
  int64_t channels, count;

  Chain(const Tensors& inputs, size_t first, bool rectifies, bool quantizes) : x(inputs.at(first).contiguous()) {
    size_t next = first + 1;
    channels = x.dim() == 0 ? 1 : x.size(-1);
    count = x.numel();
    if (rectifies) {
      bias1 = inputs.at(next++).contiguous();
      alpha = inputs.at(next++).contiguous();
      bias2 = inputs.at(next++).contiguous();
      TORCH_CHECK(bias1.numel() == channels && alpha.numel() == channels && bias2.numel() == channels,
                  "bias1, alpha and bias2 have not as many values as there are channels");
    }
    if (quantizes) makeTable(inputs, next);
  }

  bool rectifies() const { return bias1.defined(); }

 private:
  void makeTable(const Tensors& inputs, size_t first) {
    const Tensor a = inputs.at(first + 1).contiguous();
    n = static_cast<int>(a.numel());
    table = x.new_empty({4 + 5 * n + 1});
    launch("thresholdTable", Grid{1, 1, 0}, read(inputs.at(first)), read(a), read(inputs.at(first + 2)),
           read(inputs.at(first + 3)), n, written(table));
  }
};

Tensor outputOf(const Chain& chain) {
  Tensor y = chain.x.new_empty(chain.x.sizes());
  if (chain.count == 0) return y;
  launch("chainForward", gridOf(chain.count, chain.channels, THREADS, chain.n), read(chain.x), read(chain.bias1),
         read(chain.alpha), read(chain.bias2), read(chain.table), chain.n, written(y),
         static_cast<long long>(chain.count), static_cast<int>(chain.channels));
  return y;
}

Tensors chainForward(const Tensors& inputs, const Attributes& attributes) {
  return {outputOf(Chain(inputs, 0, attributes.flag("rectifies"), attributes.flag("quantizes")))};
}

/** The grid of a gradient. The number of threads per block is such that their interval sums fit into shared memory. */
Grid gridOfGradient(const Chain& chain) {
  const int64_t kinds = 2 * chain.n + 1, tables = 3 * chain.n + 1;
  int64_t threads = THREADS;
  if (chain.n == 0) return gridOf(chain.count, chain.channels, threads);
  while (threads > FEWEST_THREADS && kinds * threads + tables > SHARED_VALUES) threads /= 2;
  TORCH_CHECK(kinds * threads + tables <= SHARED_VALUES, chain.n, " intervals are more than a GPU has room for");
  return gridOf(chain.count, chain.channels, threads, kinds * threads + tables);
}

/** The gradients of x and of the parameters of a chain. */
Tensors gradientsOf(const Chain& chain, const Tensor& given) {
  const Tensor dy = given.contiguous();
  const Grid grid = gridOfGradient(chain);
  const int64_t all = allThreads(grid), kinds = 2 * chain.n + 1, blocks = grid.blocks;
  Tensor dx = chain.x.new_empty(chain.x.sizes()), byChannel, byInterval;
  if (chain.rectifies()) byChannel = chain.x.new_empty({3, all / std::max<int64_t>(1, chain.channels), chain.channels});
  if (chain.n > 0) byInterval = chain.x.new_empty({1, blocks, kinds});
  launch("chainGradient", grid, read(dy), read(chain.x), read(chain.bias1), read(chain.alpha), read(chain.bias2),
         read(chain.table), chain.n, written(dx), written(byChannel), written(byInterval),
         static_cast<long long>(chain.count), static_cast<int>(chain.channels));
  Tensors outputs = {dx};
  if (chain.rectifies()) {
    const Tensor sums = added(byChannel).to(at::kFloat);
    for (int64_t kind = 0; kind < 3; kind++) outputs.push_back(sums.select(0, kind));
  }
  if (chain.n > 0) {
    const Tensor sums = added(byInterval).contiguous();
    Tensor gradients = chain.x.new_empty({chain.n + 3});
    launch("thresholdGradient", Grid{1, 1, 0}, read(chain.table), static_cast<const double*>(sums.data_ptr<double>()),
           chain.n, written(gradients));
    outputs.insert(outputs.end(), {gradients.narrow(0, 0, 1), gradients.narrow(0, 1, chain.n),
                                   gradients.narrow(0, chain.n + 1, 1), gradients.narrow(0, chain.n + 2, 1)});
  }
  return outputs;
}

Tensors chainGradient(const Tensors& inputs, const Attributes& attributes) {
  return gradientsOf(Chain(inputs, 1, attributes.flag("rectifies"), attributes.flag("quantizes")), inputs.at(0));
}

/** dx = dy where x > 0, else α·dy, and dα = Σ dy·min(x, 0) per channel. */
Tensors preluGradient(const Tensors& inputs, const Attributes&) {
  const Tensor &dy = inputs.at(0), &x = inputs.at(1), &alpha = inputs.at(2);
  const Tensor positive = x.gt(0);
  const Tensor below = dy.mul(x).masked_fill(positive, 0);
  return {dy.where(positive, alpha.mul(dy)), below.reshape({-1, x.size(-1)}).sum(0)};
}

/** Images in the layout of ATen's normalization, and back. */
Tensor byChannels(const Tensor& x) {
  return x.dim() == 4 ? toChannelsFirst(x.contiguous()) : x.reshape({-1, x.size(-1)});
}
Tensor asBefore(const Tensor& y, const Tensor& x) {
  return x.dim() == 4 ? toChannelsLast(y).contiguous() : y.reshape(x.sizes());
}

Tensors batchNormTraining(const Tensors& inputs, const Attributes& attributes) {
  const Tensor& x = inputs.at(0);
  const double epsilon = attributes.number("epsilon");
  const auto [y, mean, inverse] =
      at::native_batch_norm(byChannels(x), inputs.at(1), inputs.at(2), {}, {}, true, 0, epsilon);
  const double rows = static_cast<double>(x.numel()) / static_cast<double>(x.size(-1));
  const Tensor biased = inverse.pow(-2).sub_(epsilon).clamp_min_(0);
  return {asBefore(y, x), mean, biased.mul_(rows / std::max(1.0, rows - 1)), mean, inverse, mean};
}

Tensors batchNormGradient(const Tensors& inputs, const Attributes& attributes) {
  const Tensor &dy = inputs.at(0), &x = inputs.at(1);
  const double epsilon = attributes.number("epsilon");
  const auto [dx, dGamma, dBeta] =
      at::native_batch_norm_backward(byChannels(dy), byChannels(x), inputs.at(2), {}, {}, inputs.at(3), inputs.at(4),
                                     true, epsilon, {true, true, true});
  return {asBefore(dx, x), dGamma, dBeta};
}

struct Range {
  float low, high, k;

  explicit Range(const Attributes& attributes)
      : low(static_cast<float>(attributes.number("low"))),
        high(static_cast<float>(attributes.number("high"))),
        k(static_cast<float>(attributes.number("k"))) {}
};

/** The inputs of a uniform quantizer (chain.cpp): a chain without quantizer, then a divisor and possibly an offset. */
struct Uniform {
  Chain chain;
  Tensor z, divisor, offset;

  Uniform(const Tensors& inputs, size_t first, const Attributes& attributes)
      : chain(inputs, first, attributes.flag("rectifies"), false), z(chain.rectifies() ? outputOf(chain) : chain.x) {
    const size_t next = first + (chain.rectifies() ? 4 : 1);
    divisor = inputs.at(next);
    if (inputs.size() > next + 1) {
      offset = inputs[next + 1];
      z = z.sub(offset);
    }
  }
};

Tensors uniformForward(const Tensors& inputs, const Attributes& attributes) {
  const Uniform given(inputs, 0, attributes);
  const Range range(attributes);
  Tensor y = given.z.new_empty(given.z.sizes());
  launch("uniformForward", gridOf(y.numel()), read(given.z), read(given.divisor), range.low, range.high, range.k,
         written(y), static_cast<long long>(y.numel()));
  return {given.offset.defined() ? y.add(given.offset) : y};
}

Tensors uniformGradient(const Tensors& inputs, const Attributes& attributes) {
  const Uniform given(inputs, 1, attributes);
  const Tensor dy = inputs.at(0).contiguous();
  const Range range(attributes);
  const Grid grid = gridOf(dy.numel());
  Tensor dz = dy.new_empty(dy.sizes()), sums = dy.new_empty({3, allThreads(grid)});
  launch("uniformGradient", grid, read(dy), read(given.z), read(given.divisor), range.low, range.high, range.k,
         static_cast<int>(attributes.flag("closed")), written(dz), written(sums), static_cast<long long>(dy.numel()));
  const Tensor outside = dy.sum(at::kDouble).sub(dz.sum(at::kDouble)).reshape({1});
  Tensors outputs = given.chain.rectifies() ? gradientsOf(given.chain, dz) : Tensors{dz};
  outputs.push_back(at::cat({added(sums).to(at::kDouble), outside}).to(at::kFloat));
  return outputs;
}

Tensor meanMagnitudeOf(const Tensor& w) { return w.abs().mean(at::IntArrayRef{0}, false, at::kDouble).to(at::kFloat); }

Tensor uniformWeightOf(const Tensor& w, const Tensor& inverse, const Tensor& scale, double N) {
  const int64_t channels = w.size(1);
  TORCH_CHECK(inverse.numel() == channels && scale.numel() == channels, "inverse and scale are not one for a channel");
  Tensor y = w.new_empty(w.sizes());
  launch("uniformWeight", gridOf(w.numel(), channels), read(w), read(inverse), read(scale), static_cast<float>(N / 2),
         static_cast<float>(2 / N), written(y), static_cast<long long>(w.numel()), static_cast<int>(channels));
  return y;
}

Tensors entropyWeight(const Tensors& inputs, const Attributes& attributes) {
  const Tensor w = inputs.at(0).contiguous();
  const Tensor scale = meanMagnitudeOf(w).mul_(static_cast<float>(attributes.number("gamma")));
  const Tensor inverse = scale.where(scale.eq(0), scale.reciprocal());
  return {uniformWeightOf(w, inverse, scale, attributes.number("steps")), inverse};
}

/** See weights.cpp. */
Tensors tanhWeight(const Tensors& inputs, const Attributes& attributes) {
  const double N = attributes.number("steps");
  const Tensor t = inputs.at(0).tanh(), largest = t.abs().max();
  const Tensor inverse = largest.where(largest.eq(0), largest.reciprocal());
  const Tensor unit = t.mul(inverse.mul(0.5)).add(0.5).mul(N);
  return {unit.round().mul(2 / N).sub(1).mul(largest.ne(0)), inputs.at(0), inverse};
}

Tensors tanhWeightGradient(const Tensors& inputs, const Attributes&) {
  return {inputs.at(0).mul(inputs.at(1).tanh().square().neg().add(1).mul(inputs.at(2)))};
}

/** See optimizers.cpp. */
Tensors adamSteps(const Tensors& inputs, const Attributes& attributes) {
  const AdamSettings s = adamSettings(attributes);
  Tensors outputs;
  for (size_t i = 0; i + 4 <= inputs.size(); i += 4) {
    const Tensor parameter = inputs[i].contiguous(), gradient = inputs[i + 1].contiguous();
    const Tensor mean = inputs[i + 2].contiguous(), square = inputs[i + 3].contiguous();
    const Tensor newParameter = parameter.new_empty(parameter.sizes()), newMean = mean.new_empty(mean.sizes());
    const Tensor newSquare = square.new_empty(square.sizes());
    launch("adamStep", gridOf(parameter.numel()), read(parameter), read(gradient), read(mean), read(square),
           written(newParameter), written(newMean), written(newSquare), s.beta1, s.beta2, s.share1, s.share2, s.shift,
           s.rate, s.weightDecay, static_cast<long long>(parameter.numel()));
    outputs.insert(outputs.end(), {newParameter, newMean, newSquare});
  }
  return outputs;
}

/** See reductions.cpp. On a GPU, ATen's cumsum of floats depends on the order of threads, and warns of it at each call. */
Tensors cumulativeSum(const Tensors& inputs, const Attributes& attributes) {
  if (inputs.at(0).scalar_type() != at::kFloat) return kernelFor("Cumsum", false)(inputs, attributes);
  const Tensor x = inputs.at(0).contiguous();
  const int64_t axis = attributes.ints("axes").at(0), n = x.size(axis);
  const Tensor y = x.new_empty(x.sizes());
  if (x.numel() == 0) return {y};
  const int64_t rows = x.numel() / n, inner = x.stride(axis);
  launch("cumulativeSums", gridOf(rows * VALUES), read(x), static_cast<long long>(rows), static_cast<long long>(n),
         static_cast<long long>(inner), static_cast<int>(attributes.isSet("reverse")),
         static_cast<int>(attributes.isSet("exclusive")), written(y));
  return {y};
}

const Register registered({
    GpuKernel{"ActivationChain", chainForward},
    {"ActivationChainGradient", chainGradient},
    {"AdamSteps", adamSteps},
    {"BatchNormGradient", batchNormGradient},
    {"BatchNormTraining", batchNormTraining},
    {"Cumsum", cumulativeSum},
    {"EntropyWeight", entropyWeight},
    {"PreluGradient", preluGradient},
    {"TanhWeight", tanhWeight},
    {"TanhWeightGradient", tanhWeightGradient},
    {"UniformQuantize", uniformForward},
    {"UniformQuantizeGradient", uniformGradient},
});

}  // namespace
}  // namespace n2uq
