// Images `[batch, height, width, channels]` in another size or place.
#include <ATen/TensorOperators.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/ceil.h>
#include <ATen/ops/clamp.h>
#include <ATen/ops/floor.h>
#include <ATen/ops/full.h>
#include <ATen/ops/index_select.h>
#include <ATen/ops/lerp.h>
#include <ATen/ops/stack.h>
#include <ATen/ops/where.h>
#include <ATen/ops/zeros.h>

#include <cmath>

#include "table.h"

namespace n2uq {
namespace {

/** For each line of the result the two lines it lies between, and how far it is from the first to the second. */
struct Lines {
  Tensor before, after, share;
};

Lines linesAt(const Tensor& places, int64_t length) {
  const Tensor before = at::floor(places).clamp(0, length - 1);
  const Tensor after = at::ceil(places).clamp(0, length - 1);
  return {before.to(at::kInt), after.to(at::kInt), (places - before).to(at::kFloat)};
}

/** Where the lines of the result lie among the `length` lines of the image. */
Tensor placesOf(int64_t length, int64_t wanted, const Attributes& attributes, double half) {
  const bool corners = attributes.flag("alignCorners") && wanted > 1;
  const double scale = corners ? static_cast<double>(length - 1) / static_cast<double>(wanted - 1)
                               : static_cast<double>(length) / static_cast<double>(wanted);
  const double offset = attributes.flag("halfPixelCenters") ? 0.5 : 0;
  return (at::arange(wanted, here(at::kDouble)) + offset) * scale - (offset > 0 ? half : 0);
}

Tensor along(const Tensor& shares, int64_t axis, int64_t rank) {
  std::vector<int64_t> shape(rank, 1);
  shape[axis] = -1;
  return shares.reshape(shape);
}

Tensor between(const Tensor& x, int64_t axis, const Lines& lines) {
  return at::lerp(at::index_select(x, axis, lines.before), at::index_select(x, axis, lines.after),
                  along(lines.share, axis, x.dim()));
}

Tensors resizeBilinear(const Tensors& inputs, const Attributes& attributes) {
  Tensor x = asFloat(inputs.at(0));
  const std::vector<int64_t> size = attributes.ints("size");
  for (const int64_t axis : {1, 2}) {
    const int64_t length = x.size(axis);
    x = between(x, axis, linesAt(placesOf(length, size[axis - 1], attributes, 0.5), length));
  }
  return {x};
}

/** `dy` added up along one axis: each line goes to the lines that it came from. */
Tensor spread(const Tensor& dy, int64_t axis, int64_t length, const Tensor& lines) {
  std::vector<int64_t> shape = dy.sizes().vec();
  shape[axis] = length;
  return at::zeros(shape, here(at::kFloat)).index_add_(axis, lines, dy);
}

Tensors resizeBilinearGradient(const Tensors& inputs, const Attributes& attributes) {
  Tensor dy = inputs.at(1);
  for (const int64_t axis : {1, 2}) {
    const int64_t length = inputs.at(0).size(axis);
    const Lines lines = linesAt(placesOf(length, dy.size(axis), attributes, 0.5), length);
    const Tensor share = along(lines.share, axis, 4);
    dy = spread(dy * (1 - share), axis, length, lines.before) + spread(dy * share, axis, length, lines.after);
  }
  return {dy};
}

Tensor nearest(int64_t length, int64_t wanted, const Attributes& attributes) {
  const Tensor places = placesOf(length, wanted, attributes, 0);
  return at::floor(attributes.flag("alignCorners") ? places + 0.5 : places).clamp(0, length - 1).to(at::kInt);
}

Tensors resizeNearest(const Tensors& inputs, const Attributes& attributes) {
  Tensor x = inputs.at(0);
  const std::vector<int64_t> size = attributes.ints("size");
  for (const int64_t axis : {1, 2}) {
    x = at::index_select(x, axis, nearest(x.size(axis), size[axis - 1], attributes));
  }
  return {x};
}

Tensors resizeNearestGradient(const Tensors& inputs, const Attributes& attributes) {
  Tensor dy = inputs.at(1);
  for (const int64_t axis : {1, 2}) {
    const int64_t length = inputs.at(0).size(axis);
    dy = spread(dy, axis, length, nearest(length, dy.size(axis), attributes));
  }
  return {dy};
}

/** The lines of one side of a box, whose ends are 0 to 1 over the whole image. */
Tensor boxLines(float from, float to, int64_t length, int64_t wanted) {
  const double last = static_cast<double>(length - 1);
  if (wanted == 1) return at::full({1}, 0.5 * (from + to) * last, here(at::kDouble));
  return at::arange(wanted, here(at::kDouble)) * ((to - from) * last / static_cast<double>(wanted - 1)) + from * last;
}

/** Boxes `[boxes, (top, left, bottom, right)]` of images, each in one size; outside is `extrapolationValue`. */
Tensors cropAndResize(const Tensors& inputs, const Attributes& attributes) {
  const Tensor &images = inputs.at(0), boxes = inputs.at(1).cpu().contiguous(), owners = inputs.at(2).cpu().contiguous();
  const std::vector<int64_t> size = attributes.ints("cropSize");
  const bool smooth = attributes.text("method") == "bilinear";
  Tensors crops;
  for (int64_t index = 0; index < boxes.size(0); index++) {
    const float* box = boxes.data_ptr<float>() + 4 * index;
    Tensor crop = asFloat(images.select(0, owners.data_ptr<int>()[index]));
    for (const int64_t axis : {0, 1}) {
      const int64_t length = crop.size(axis);
      const Tensor places = boxLines(box[axis], box[axis + 2], length, size[axis]);
      const Tensor inside = (places >= 0).logical_and(places <= static_cast<double>(length - 1));
      const Tensor found = smooth ? places : at::floor(places + 0.5);
      crop = at::where(along(inside, axis, 3), between(crop, axis, linesAt(found, length)),
                       at::full({}, attributes.number("extrapolationValue"), here(at::kFloat)));
    }
    crops.push_back(crop);
  }
  if (crops.empty()) return {at::zeros({0, size[0], size[1], images.size(3)}, here(at::kFloat))};
  return {at::stack(crops)};
}

Tensors flipLeftRight(const Tensors& inputs, const Attributes&) { return {inputs.at(0).flip(2)}; }

/** Turned around `center` (x, y); `fill [channels]` is what comes from outside. */
Tensors rotate(const Tensors& inputs, const Attributes& attributes) {
  const Tensor &x = inputs.at(0), &fill = inputs.at(1);
  const int64_t height = x.size(1), width = x.size(2);
  const double sine = std::sin(attributes.number("radians")), cosine = std::cos(attributes.number("radians"));
  const double centerX = attributes.number("centerX"), centerY = attributes.number("centerY");
  const Tensor across = at::arange(width, here(at::kDouble)) - centerX;
  const Tensor down = (at::arange(height, here(at::kDouble)) - centerY).unsqueeze(1);
  const Tensor column = at::floor(across * cosine - down * sine + (centerX + 0.5));
  const Tensor row = at::floor(across * sine + down * cosine + (centerY + 0.5));
  const Tensor inside =
      (column >= 0).logical_and(column < width).logical_and(row >= 0).logical_and(row < height).unsqueeze(-1);
  const Tensor places = (row.clamp(0, height - 1) * width + column.clamp(0, width - 1)).to(at::kLong).flatten();
  const Tensor turned = at::index_select(x.reshape({x.size(0), height * width, -1}), 1, places).reshape(x.sizes());
  return {at::where(inside, turned, fill.to(x.scalar_type()))};
}

}  // namespace

void addImages(Ops& ops) {
  ops.insert({
      {"CropAndResize", cropAndResize},
      {"FlipLeftRight", flipLeftRight},
      {"ResizeBilinear", resizeBilinear},
      {"ResizeBilinearGrad", resizeBilinearGradient},
      {"ResizeNearestNeighbor", resizeNearest},
      {"ResizeNearestNeighborGrad", resizeNearestGradient},
      {"RotateWithOffset", rotate},
  });
}

}  // namespace n2uq
