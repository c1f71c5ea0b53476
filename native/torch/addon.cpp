// The interface between Node.js and ATen: JavaScript refers to tensors by number and to kernels by name.
#include <ATen/Parallel.h>
#include <ATen/Version.h>
#include <ATen/ops/empty.h>
#include <c10/core/InferenceMode.h>
#include <node_api.h>
#include <torch/csrc/api/include/torch/version.h>

#include <cstring>
#include <new>
#include <sstream>
#include <stdexcept>

#include "allocator.h"
#include "javascript.h"
#include "op.h"
#include "reading.h"

namespace n2uq {
namespace {

const char* nameOf(at::ScalarType type) {
  if (type == at::kBool) return "bool";
  if (type == at::kInt) return "int32";
  if (type == at::kFloat) return "float32";
  throw std::runtime_error("a kernel gave a type that TensorFlow.js does not have");
}

/** Converts ATen's wider types to TensorFlow.js's types. */
Tensor narrowed(const Tensor& tensor) {
  if (tensor.scalar_type() == at::kLong) return tensor.to(at::kInt);
  if (tensor.scalar_type() == at::kDouble) return tensor.to(at::kFloat);
  return tensor;
}

/** Stores a tensor and returns `{ id, shape, dtype }` to JavaScript. */
napi_value keep(const Call& call, const Tensor& given) {
  Tensor tensor = narrowed(given);
  napi_value object, shape, dtype;
  napi_create_object(call.env, &object);
  napi_create_array_with_length(call.env, tensor.dim(), &shape);
  for (int64_t axis = 0; axis < tensor.dim(); axis++) {
    napi_set_element(call.env, shape, axis, numberValue(call.env, static_cast<double>(tensor.size(axis))));
  }
  napi_create_string_utf8(call.env, nameOf(tensor.scalar_type()), NAPI_AUTO_LENGTH, &dtype);
  const int64_t id = call.state.next++;
  napi_set_named_property(call.env, object, "id", numberValue(call.env, static_cast<double>(id)));
  napi_set_named_property(call.env, object, "shape", shape);
  napi_set_named_property(call.env, object, "dtype", dtype);
  call.state.tensors.emplace(id, std::move(tensor));
  return object;
}

std::string described(const std::string& name, const Tensors& inputs) {
  std::ostringstream text;
  text << name << " of ";
  for (size_t index = 0; index < inputs.size(); index++) text << (index ? ", " : "") << inputs[index].sizes();
  return text.str();
}

/** The first line of ATen's message; a full GPU gets the message of full memory. */
std::string reasonOf(const c10::Error& error) {
  const std::string what = error.what_without_backtrace();
  if (what.find("CUDA out of memory") != std::string::npos) return "not enough memory";
  return what.substr(0, what.find('\n'));
}

/** run(name, ids, attributes) → [{ id, shape, dtype }] */
napi_value run(Call& call) {
  const std::string name = textOf(call.env, call.arguments[0]);
  Tensors inputs;
  for (const int64_t id : intsOf(call.env, call.arguments[1])) inputs.push_back(call.state.at(id));
  const Op kernel = kernelFor(name, usesGpuKernels());
  Tensors outputs;
  try {
    outputs = kernel(inputs, JavaScriptAttributes(call.env, call.arguments[2]));
  } catch (const c10::Error& error) {
    throw std::runtime_error(described(name, inputs) + ": " + reasonOf(error));
  } catch (const std::bad_alloc&) {
    throw std::runtime_error(described(name, inputs) + ": not enough memory");
  } catch (const std::exception& error) {
    throw std::runtime_error(described(name, inputs) + ": " + error.what());
  }
  napi_value list;
  napi_create_array_with_length(call.env, outputs.size(), &list);
  for (size_t index = 0; index < outputs.size(); index++) {
    napi_set_element(call.env, list, index, keep(call, outputs[index]));
  }
  return list;
}

/** The names of a kernel's inputs; null if it takes a list of any length. */
napi_value inputsOf(napi_env env, const Kernel& kernel) {
  napi_value names;
  if (std::strcmp(kernel.inputs, ANY) == 0) {
    napi_get_null(env, &names);
    return names;
  }
  napi_create_array(env, &names);
  std::istringstream words(kernel.inputs);
  std::string word;
  for (uint32_t index = 0; words >> word; index++) napi_set_element(env, names, index, textValue(env, word));
  return names;
}

/** kernels() → [{ name, inputs, list }] */
napi_value listKernels(Call& call) {
  napi_value all;
  napi_create_array(call.env, &all);
  uint32_t index = 0;
  for (const auto& [name, kernel] : kernels()) {
    napi_value entry, list;
    napi_create_object(call.env, &entry);
    napi_get_boolean(call.env, kernel.results == LIST, &list);
    napi_set_named_property(call.env, entry, "name", textValue(call.env, name));
    napi_set_named_property(call.env, entry, "inputs", inputsOf(call.env, kernel));
    napi_set_named_property(call.env, entry, "list", list);
    napi_set_element(call.env, all, index++, entry);
  }
  return all;
}

std::string sized(const std::vector<int64_t>& shape) {
  std::ostringstream text;
  text << "a tensor of " << c10::IntArrayRef(shape) << ": ";
  return text.str();
}

/** create(values, shape, dtype) → id. Copies the values. */
napi_value create(Call& call) {
  napi_typedarray_type type;
  size_t length = 0;
  void* data = nullptr;
  check(napi_get_typedarray_info(call.env, call.arguments[0], &type, &length, &data, nullptr, nullptr), "values");
  const at::ScalarType wanted = typeOf(textOf(call.env, call.arguments[2]));
  const napi_typedarray_type fitting =
      wanted == at::kBool ? napi_uint8_array : wanted == at::kInt ? napi_int32_array : napi_float32_array;
  if (type != fitting) throw std::runtime_error("the values are not of the tensor's type");
  const std::vector<int64_t> shape = intsOf(call.env, call.arguments[1]);
  Tensor tensor;
  try {
    // A GPU reads pinned memory directly, while this thread continues.
    tensor = at::empty(shape, at::TensorOptions(wanted).pinned_memory(device().is_cuda()));
    if (static_cast<size_t>(tensor.numel()) != length) throw std::runtime_error("the values do not fill the shape");
    if (length > 0) std::memcpy(tensor.data_ptr(), data, tensor.nbytes());
    tensor = tensor.to(device(), true);
  } catch (const std::bad_alloc&) {
    throw std::runtime_error(sized(shape) + "not enough memory");
  } catch (const c10::Error& error) {
    throw std::runtime_error(sized(shape) + reasonOf(error));
  }
  const int64_t id = call.state.next++;
  call.state.tensors.emplace(id, std::move(tensor));
  return numberValue(call.env, static_cast<double>(id));
}

napi_value release(Call& call) {
  call.state.tensors.erase(call.id(0));
  return undefined(call.env);
}

/** Number of tensors of this environment. */
napi_value count(Call& call) { return numberValue(call.env, static_cast<double>(call.state.tensors.size())); }

/** setThreads(n): threads per operation, for the process. */
napi_value setThreads(Call& call) {
  at::set_num_threads(static_cast<int>(call.id(0)));
  return numberValue(call.env, at::get_num_threads());
}

/** useDevice(name, source): see device.h. */
napi_value choose(Call& call) {
  useDevice(textOf(call.env, call.arguments[0]), textOf(call.env, call.arguments[1]));
  return undefined(call.env);
}

/** usePrecision(name): see device.h. */
napi_value precise(Call& call) {
  usePrecision(textOf(call.env, call.arguments[0]));
  return undefined(call.env);
}

/** Number of GPUs that this libtorch can use. */
napi_value gpus(Call& call) { return numberValue(call.env, static_cast<double>(gpuCount())); }

using Function = napi_value (*)(Call&);

/** Converts C++ exceptions to JavaScript errors: an exception that reaches Node.js would end the process. */
template <Function function>
napi_value guarded(napi_env env, napi_callback_info info) {
  void* data = nullptr;
  napi_get_instance_data(env, &data);
  Call call{env, *static_cast<State*>(data), {}};
  size_t given = 4;
  napi_get_cb_info(env, info, &given, call.arguments, nullptr, nullptr);
  try {
    const c10::InferenceMode noGradients;
    return function(call);
  } catch (const c10::Error& error) {
    napi_throw_error(env, nullptr, reasonOf(error).c_str());
  } catch (const std::exception& error) {
    napi_throw_error(env, nullptr, error.what());
  } catch (...) {
    napi_throw_error(env, nullptr, "an unknown error in libtorch");
  }
  return nullptr;
}

template <Function function>
void expose(napi_env env, napi_value exports, const char* name) {
  napi_value value;
  napi_create_function(env, name, NAPI_AUTO_LENGTH, guarded<function>, nullptr, &value);
  napi_set_named_property(env, exports, name, value);
}

/** `AVX512` of "CPU capability usage: AVX512". ATen has a function for this only since 2.0. */
std::string capabilityOf(const std::string& config) {
  const std::string label = "CPU capability usage: ";
  const size_t at = config.find(label);
  if (at == std::string::npos) return "";
  const size_t first = at + label.size();
  return config.substr(first, config.find('\n', first) - first);
}

}  // namespace

at::ScalarType typeOf(const std::string& dtype) {
  if (dtype == "float32") return at::kFloat;
  if (dtype == "int32") return at::kInt;
  if (dtype == "bool") return at::kBool;
  throw std::runtime_error("there are no " + dtype + " tensors");
}

}  // namespace n2uq

NAPI_MODULE_INIT() {
  using namespace n2uq;
  useCachingAllocator();
  napi_set_instance_data(
      env, new State, [](napi_env, void* data, void*) { delete static_cast<State*>(data); }, nullptr);
  expose<listKernels>(env, exports, "kernels");
  expose<run>(env, exports, "run");
  expose<create>(env, exports, "create");
  expose<read>(env, exports, "read");
  expose<readLater>(env, exports, "readLater");
  expose<release>(env, exports, "release");
  expose<count>(env, exports, "count");
  expose<setThreads>(env, exports, "setThreads");
  expose<choose>(env, exports, "useDevice");
  expose<precise>(env, exports, "usePrecision");
  expose<gpus>(env, exports, "gpus");
  napi_value version, capability;
  napi_create_string_utf8(env, TORCH_VERSION, NAPI_AUTO_LENGTH, &version);
  napi_set_named_property(env, exports, "version", version);
  napi_create_string_utf8(env, capabilityOf(at::show_config()).c_str(), NAPI_AUTO_LENGTH, &capability);
  napi_set_named_property(env, exports, "capability", capability);
  return exports;
}
