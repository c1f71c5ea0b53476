// Fused GPU kernels in CUDA, compiled by NVRTC on machines with a GPU and by emulation.cpp for the CPU. A
// thread processes every `all`-th value. `all`, the number of threads, is a multiple of the channels: one
// channel per thread. Sums do not depend on the order of threads: each thread or block writes its own sum,
// and ATen adds these sums in a fixed order.

#ifndef N2UQ_EMULATED
#define KERNEL extern "C" __global__ void
#define DEVICE __device__ __forceinline__
#endif

typedef long long Long;

DEVICE Long ownIndex() { return (Long)blockIdx.x * blockDim.x + threadIdx.x; }
DEVICE Long allThreads() { return (Long)gridDim.x * blockDim.x; }

// N2UQ's quantizer y = β₂Δ·#{i : β₁z > t_i} (docs/method.md). Its table in memory:
//   β₁, β₂, Δ, β₂Δ | t [n] | b [n + 1], the ends of the intervals | slopes Δ/length [n] | lengths [n] | 1 where open [n]
#define TABLE_FORWARD 4
#define TABLE_BACKWARD(n) (TABLE_FORWARD + (n))
#define TABLE_SLOPES(n) (TABLE_BACKWARD(n) + (n) + 1)
#define TABLE_LENGTHS(n) (TABLE_SLOPES(n) + (n))
#define TABLE_OPEN(n) (TABLE_LENGTHS(n) + (n))

/**
 * Computes the table from start, a [n], scale1 and scale2, with the operations of the plain implementation in
 * the same order. Runs in one thread.
 */
KERNEL thresholdTable(const float* start, const float* a, const float* scale1, const float* scale2, int n, float* table) {
  const float shortest = 1e-3f, first = start[0], delta = 2.f / (float)n;
  table[0] = scale1[0];
  table[1] = scale2[0];
  table[2] = delta;
  table[3] = scale2[0] * delta;
  float sum = 0, lower = first;
  table[TABLE_BACKWARD(n)] = first;
  for (int i = 0; i < n; i++) {
    const float given = a[i];
    const float length = given > shortest ? given : shortest;
    table[TABLE_FORWARD + i] = lower + length * 0.5f;
    table[TABLE_SLOPES(n) + i] = delta / length;
    table[TABLE_LENGTHS(n) + i] = length;
    table[TABLE_OPEN(n) + i] = given > shortest ? 1.f : 0.f;
    sum += length;
    lower = first + sum;
    table[TABLE_BACKWARD(n) + i + 1] = lower;
  }
}

/** Number of the `count` ascending edges below v, by binary search. */
DEVICE int edgesBelow(float v, const float* edges, int count) {
  int below = 0, step = 1;
  while (2 * step <= count) step *= 2;
  for (; step > 0; step /= 2) {
    const int next = below + step;
    if (next <= count && v > edges[next - 1]) below = next;
  }
  return below;
}

/** Computes y from x: z = PReLU(x + bias1) + bias2 if bias1 is not null, then the quantizer if table is not null. */
KERNEL chainForward(const float* x, const float* bias1, const float* alpha, const float* bias2, const float* table, int n,
                    float* y, Long count, int channels) {
  extern __shared__ float shared[];
  float beta1 = 0, step = 0;
  if (table != 0) {
    for (int i = threadIdx.x; i < n; i += blockDim.x) shared[i] = table[TABLE_FORWARD + i];
    beta1 = table[0];
    step = table[3];
    __syncthreads();
  }
  const Long own = ownIndex(), all = allThreads();
  const int c = (int)(own % channels);
  const float first = bias1 != 0 ? bias1[c] : 0, slope = bias1 != 0 ? alpha[c] : 0, second = bias1 != 0 ? bias2[c] : 0;
  for (Long i = own; i < count; i += all) {
    float z = x[i];
    if (bias1 != 0) {
      const float u = z + first;
      z = (u > 0 ? u : slope * u) + second;
    }
    y[i] = table != 0 ? (float)edgesBelow(beta1 * z, shared, n) * step : z;
  }
}

/**
 * Computes dx from dy. Each thread writes its Σdx, Σdz·min(u, 0) and Σdz, with u = x + bias1, to `byChannel [3, all]`.
 * Each block writes Σdy and Σdy·z of each interval, and Σdy·level, to `byInterval [blocks, 2n + 1]`.
 */
KERNEL chainGradient(const float* dy, const float* x, const float* bias1, const float* alpha, const float* bias2,
                     const float* table, int n, float* dx, float* byChannel, float* byInterval, Long count, int channels) {
  extern __shared__ float shared[];
  const int me = threadIdx.x, threads = blockDim.x;
  float *t = shared, *b = t + n, *slopes = b + n + 1, *columns = slopes + n;
  float beta1 = 0, counted = 0;
  if (table != 0) {
    beta1 = table[0];
    const float outer = table[0] * table[1];
    for (int i = me; i < n; i += threads) {
      t[i] = table[TABLE_FORWARD + i];
      slopes[i] = table[TABLE_SLOPES(n) + i] * outer;
    }
    for (int i = me; i <= n; i += threads) b[i] = table[TABLE_BACKWARD(n) + i];
    for (int kind = 0; kind <= 2 * n; kind++) columns[kind * threads + me] = 0;
    __syncthreads();
  }
  const Long own = ownIndex(), all = allThreads();
  const int c = (int)(own % channels);
  const float first = bias1 != 0 ? bias1[c] : 0, below = bias1 != 0 ? alpha[c] : 0, second = bias1 != 0 ? bias2[c] : 0;
  float sum0 = 0, sum1 = 0, sum2 = 0;
  for (Long i = own; i < count; i += all) {
    const float u = bias1 != 0 ? x[i] + first : x[i];
    float dz = dy[i];
    if (table != 0) {
      const float z = bias1 != 0 ? (u > 0 ? u : below * u) + second : u;
      const float v = beta1 * z;
      const int k = edgesBelow(v, b, n + 1);
      float slope = 0;
      int level = k == 0 ? 0 : n;
      if (k > 0 && k <= n) {
        level = v > t[k - 1] ? k : k - 1;
        slope = slopes[k - 1];
        columns[2 * (k - 1) * threads + me] += dz;
        columns[(2 * (k - 1) + 1) * threads + me] += dz * z;
      }
      counted += dz * (float)level;
      dz = dz * slope;
    }
    const float du = bias1 == 0 || u > 0 ? dz : below * dz;
    dx[i] = du;
    sum0 += du;
    sum1 += u > 0 ? 0.f : dz * u;
    sum2 += dz;
  }
  if (bias1 != 0) {
    byChannel[own] = sum0;
    byChannel[all + own] = sum1;
    byChannel[2 * all + own] = sum2;
  }
  if (table != 0) {
    columns[2 * n * threads + me] = counted;
    __syncthreads();
    for (int kind = me; kind <= 2 * n; kind += threads) {
      float sum = 0;
      // Threads start at different positions to avoid bank conflicts.
      for (int j = 0; j < threads; j++) sum += columns[kind * threads + (j + kind) % threads];
      byInterval[(Long)blockIdx.x * (2 * n + 1) + kind] = sum;
    }
  }
}

/**
 * Computes the gradients of start, a [n], scale1 and scale2, in this order, from the sums [2n + 1]. Runs in one thread.
 */
KERNEL thresholdGradient(const float* table, const double* sums, int n, float* gradients) {
  const double beta1 = table[0], beta2 = table[1], delta = table[2];
  double later = 0, product = 0;
  for (int i = n - 1; i >= 0; i--) {
    const double g1 = sums[2 * i], gx = sums[2 * i + 1];
    const float slope = table[TABLE_SLOPES(n) + i], length = table[TABLE_LENGTHS(n) + i];
    const double ownPart = beta2 * (slope / length) * (beta1 * gx - table[TABLE_BACKWARD(n) + i] * g1);
    gradients[1 + i] = table[TABLE_OPEN(n) + i] > 0 ? (float)-(later + ownPart) : 0.f;
    later += beta2 * slope * g1;
    product += slope * gx;
  }
  gradients[0] = (float)-later;
  gradients[n + 1] = (float)(beta2 * product);
  gradients[n + 2] = (float)(delta * sums[2 * n]);
}

// The uniform quantizers of LSQ, PACT and DoReFa: with v = x/d, y = round(clip(v, low, high)·k)·d/k.

DEVICE float clipped(float v, float low, float high) {
  v = v < low ? low : v;
  return v > high ? high : v;
}

KERNEL uniformForward(const float* x, const float* divisor, float low, float high, float k, float* y, Long count) {
  const float d = divisor[0], step = d / k;
  for (Long i = ownIndex(); i < count; i += allThreads()) y[i] = rintf(clipped(x[i] / d, low, high) * k) * step;
}

/**
 * Computes dx, and writes each thread's Σdy·(q - v inside), Σdy where v ≥ high and Σdy·q, with
 * q = round(clip(v)·k)/k, to `sums [3, all]`.
 */
KERNEL uniformGradient(const float* dy, const float* x, const float* divisor, float low, float high, float k, int closed,
                       float* dx, float* sums, Long count) {
  const Long own = ownIndex(), all = allThreads();
  const float d = divisor[0], unit = 1.f / k;
  float slope = 0, above = 0, level = 0;
  for (Long i = own; i < count; i += all) {
    const float v = x[i] / d, g = dy[i];
    const float q = rintf(clipped(v, low, high) * k) * unit;
    const bool inside = closed ? !(v < low) && !(v > high) : v > low && v < high;
    dx[i] = inside ? g : 0.f;
    slope += g * (q - (inside ? v : 0.f));
    above += v >= high ? g : 0.f;
    level += g * q;
  }
  sums[own] = slope;
  sums[all + own] = above;
  sums[2 * all + own] = level;
}

/** scale·(round((clip(w·inverse, -1, 1) + 1)·N/2)·2/N - 1) for w [fan, channels]; half is N/2, step is 2/N. */
KERNEL uniformWeight(const float* w, const float* inverse, const float* scale, float half, float step, float* y, Long count,
                     int channels) {
  const Long own = ownIndex(), all = allThreads();
  const int c = (int)(own % channels);
  const float factor = inverse[c], size = scale[c];
  for (Long i = own; i < count; i += all) {
    const float v = clipped(w[i] * factor, -1.f, 1.f);
    y[i] = (rintf((v + 1.f) * half) * step - 1.f) * size;
  }
}

/** One step of Adam; share1 and share2 are 1 - β₁ and 1 - β₂, computed in double. */
KERNEL adamStep(const float* parameter, const float* gradient, const float* mean, const float* square, float* newParameter,
                float* newMean, float* newSquare, float beta1, float beta2, float share1, float share2, float shift,
                float rate, float weightDecay, Long count) {
  for (Long i = ownIndex(); i < count; i += allThreads()) {
    const float p = parameter[i], g = gradient[i] + weightDecay * p;
    const float m = beta1 * mean[i] + share1 * g;
    const float v = beta2 * square[i] + share2 * (g * g);
    newMean[i] = m;
    newSquare[i] = v;
    newParameter[i] = p - rate * (m / (sqrtf(v) + shift));
  }
}

/**
 * Computes the cumulative sums y of x `[rows / inner, n, inner]` along its second axis: `reverse` from the end,
 * `exclusive` without the element itself. A thread adds one row in double, in the order of ATen on a CPU.
 */
KERNEL cumulativeSums(const float* x, Long rows, Long n, Long inner, int reverse, int exclusive, float* y) {
  for (Long row = ownIndex(); row < rows; row += allThreads()) {
    const Long first = row / inner * n * inner + row % inner;
    double sum = 0;
    for (Long i = 0; i < n; i++) {
      const Long at = first + (reverse ? n - 1 - i : i) * inner;
      const double before = sum;
      sum += x[at];
      y[at] = (float)(exclusive ? before : sum);
    }
  }
}
