// The integer kernel without vector instructions.
#include "tile.h"

namespace n2uq::integer {
namespace {

struct Compute {
  template <int pixels, int panels>
  void operator()(const Tile& tile) const {
    const Geometry& g = tile.geometry;
    const int64_t run = g.kernelWidth * g.groups();
    int32_t sums[16] = {}, total = 0;
    const int8_t* w = tile.weights;
    for (int64_t line = 0; line < g.kernelHeight; line++) {
      const uint8_t* codes = tile.pixels[0] + line * rowBytes(g);
      for (int64_t k = 0; k < run; k++, codes += 4, w += 64) {
        for (int c = 0; c < 4; c++) total += codes[c];
        for (int lane = 0; lane < 16; lane++) {
          for (int c = 0; c < 4; c++) sums[lane] += codes[c] * w[4 * lane + c];
        }
      }
    }
    for (int32_t& sum : sums) sum = tile.output.factor * sum + tile.output.shift * total;
    writeSums(tile, sums, tile.results[0]);
  }
};

}  // namespace

void convolvePlain(const Tile& tile, int64_t, const uint8_t* bordered, float* y, int64_t first, int64_t end) {
  computeTiles<1, 1>(tile, bordered, y, first, end, Compute());
}

}  // namespace n2uq::integer
