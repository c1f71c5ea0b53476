// What a kernel is on this side: a function from tensors and attributes to tensors.
#pragma once
#include <ATen/core/Tensor.h>
#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "device.h"

namespace n2uq {

using at::Tensor;
using Tensors = std::vector<Tensor>;

/** The attributes of one call, by name. Reading one that is absent throws and names it. */
class Attributes {
 public:
  virtual ~Attributes() = default;
  virtual bool has(const char* name) const = 0;
  virtual double number(const char* name) const = 0;
  virtual bool flag(const char* name) const = 0;
  virtual std::string text(const char* name) const = 0;
  virtual std::vector<int64_t> ints(const char* name) const = 0;
};

/** Computes new tensors; what comes in is never written to. Throws c10::Error or std::exception. */
using Op = Tensors (*)(const Tensors& inputs, const Attributes& attributes);
using Ops = std::unordered_map<std::string, Op>;

void addActivations(Ops& ops);
void addChain(Ops& ops);
void addConvolution(Ops& ops);
void addElementwise(Ops& ops);
void addImages(Ops& ops);
void addLookup(Ops& ops);
void addLosses(Ops& ops);
void addMath(Ops& ops);
void addNormalization(Ops& ops);
void addOptimizers(Ops& ops);
void addPooling(Ops& ops);
void addProducts(Ops& ops);
void addRanks(Ops& ops);
void addReductions(Ops& ops);
void addScatter(Ops& ops);
void addShapes(Ops& ops);
void addSpaces(Ops& ops);
void addSums(Ops& ops);
void addUniform(Ops& ops);
void addWeights(Ops& ops);

/** What a GPU computes in another way, in place of what was added before. */
void addGpu(Ops& ops);

/** Whether the build found Gloo's headers, without which no other process can be talked to. */
bool hasRanks();

/** TensorFlow.js's name of a type. */
at::ScalarType typeOf(const std::string& dtype);

/** `[batch, height, width, channels]` as ATen sees images: the same memory, channels last. */
inline Tensor toChannelsFirst(const Tensor& x) { return x.permute({0, 3, 1, 2}); }
inline Tensor toChannelsLast(const Tensor& x) { return x.permute({0, 2, 3, 1}); }

}  // namespace n2uq
