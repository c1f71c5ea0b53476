// The interface between Node.js and ATen: JavaScript refers to tensors by number and to kernels by name.
#include <ATen/Parallel.h>
#include <ATen/Version.h>
#include <ATen/ops/empty.h>
#include <c10/core/InferenceMode.h>
#include <torch/csrc/api/include/torch/version.h>

#include <cstring>
#include <new>
#include <sstream>
#include <stdexcept>
#include <unordered_map>

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

std::string described(const std::string& name, const Tensors& inputs) {
  std::ostringstream text;
  text << name << " of ";
  for (size_t index = 0; index < inputs.size(); index++) text << (index ? ", " : "") << inputs[index].sizes();
  return text.str();
}

/** What ATen, CUDA, cuDNN and cuBLAS say if the GPU's memory, or the memory for copies to it, is full. */
constexpr const char* FULL[] = {"out of memory", "CUDNN_STATUS_ALLOC_FAILED", "CUBLAS_STATUS_ALLOC_FAILED"};

/** The first line of a message. If the GPU's memory is full, the message is that of the CPU's full memory. */
std::string reasonOf(const std::string& what) {
  for (const char* const text : FULL) {
    if (what.find(text) != std::string::npos) return "not enough memory";
  }
  return what.substr(0, what.find('\n'));
}
std::string reasonOf(const c10::Error& error) { return reasonOf(std::string(error.what_without_backtrace())); }

std::string sized(const std::vector<int64_t>& shape) {
  std::ostringstream text;
  text << "a tensor of " << c10::IntArrayRef(shape) << ": ";
  return text.str();
}

/**
 * Extracts `AVX512` from the text "CPU capability usage: AVX512". ATen has a function for this only since libtorch 2.0.
 */
std::string capabilityOf(const std::string& config) {
  const std::string label = "CPU capability usage: ";
  const size_t at = config.find(label);
  if (at == std::string::npos) return "";
  const size_t first = at + label.size();
  return config.substr(first, config.find('\n', first) - first);
}

/** The tensors and methods of one Node.js environment: the main thread and each worker have their own. */
class Torch : public Napi::Addon<Torch> {
 public:
  Torch(Napi::Env env, Napi::Object exports) {
    useCachingAllocator();
    DefineAddon(exports, {method<&Torch::kernels>("kernels"), method<&Torch::run>("run"),
                          method<&Torch::create>("create"), method<&Torch::read>("read"),
                          method<&Torch::readLater>("readLater"), method<&Torch::release>("release"),
                          method<&Torch::count>("count"), method<&Torch::setThreads>("setThreads"),
                          method<&Torch::choose>("useDevice"), method<&Torch::precise>("usePrecision"),
                          method<&Torch::gpus>("gpus"),
                          InstanceValue("version", Napi::String::New(env, TORCH_VERSION)),
                          InstanceValue("capability", Napi::String::New(env, capabilityOf(at::show_config())))});
  }

 private:
  using Method = Napi::Value (Torch::*)(const Napi::CallbackInfo&);

  /** Reports the first line of ATen's errors. node-addon-api converts all other exceptions to JavaScript errors. */
  template <Method function>
  Napi::Value guarded(const Napi::CallbackInfo& info) {
    try {
      const c10::InferenceMode noGradients;
      return (this->*function)(info);
    } catch (const c10::Error& error) {
      throw Napi::Error::New(info.Env(), reasonOf(error));
    }
  }

  template <Method function>
  static Napi::ClassPropertyDescriptor<Torch> method(const char* name) {
    return InstanceMethod<&Torch::guarded<function>>(name);
  }

  const Tensor& at(int64_t id) const {
    const auto found = tensors_.find(id);
    if (found == tensors_.end()) throw std::runtime_error("there is no tensor " + std::to_string(id));
    return found->second;
  }
  const Tensor& at(const Napi::Value& id) const { return at(id.As<Napi::Number>().Int64Value()); }

  Napi::Number keep(Napi::Env env, Tensor tensor) {
    tensors_.emplace(next_, std::move(tensor));
    return Napi::Number::New(env, static_cast<double>(next_++));
  }

  /** kernels() → [{ name, inputs, list }]. `inputs` is null if the kernel takes a list of any length. */
  Napi::Value kernels(const Napi::CallbackInfo& info) {
    const Napi::Env env = info.Env();
    Napi::Array all = Napi::Array::New(env);
    for (const auto& [name, kernel] : n2uq::kernels()) {
      Napi::Object entry = Napi::Object::New(env);
      Napi::Array names = Napi::Array::New(env);
      std::istringstream words(kernel.inputs);
      for (std::string word; words >> word;) names.Set(names.Length(), word);
      const bool any = std::strcmp(kernel.inputs, ANY) == 0;
      entry.Set("name", name);
      entry.Set("inputs", any ? env.Null() : Napi::Value(names));
      entry.Set("list", kernel.results == LIST);
      all.Set(all.Length(), entry);
    }
    return all;
  }

  /** run(name, ids, attributes) → [{ id, shape, dtype }] */
  Napi::Value run(const Napi::CallbackInfo& info) {
    const std::string name = info[0].As<Napi::String>();
    Tensors inputs;
    for (const int64_t id : intsOf(info[1])) inputs.push_back(at(id));
    const Op kernel = kernelFor(name, usesGpuKernels());
    Tensors outputs;
    try {
      outputs = kernel(inputs, JavaScriptAttributes(info[2]));
    } catch (const c10::Error& error) {
      throw std::runtime_error(described(name, inputs) + ": " + reasonOf(error));
    } catch (const std::bad_alloc&) {
      throw std::runtime_error(described(name, inputs) + ": not enough memory");
    } catch (const std::exception& error) {
      throw std::runtime_error(described(name, inputs) + ": " + reasonOf(std::string(error.what())));
    }
    Napi::Array list = Napi::Array::New(info.Env(), outputs.size());
    for (uint32_t index = 0; index < outputs.size(); index++) list.Set(index, handleOf(info.Env(), outputs[index]));
    return list;
  }

  Napi::Object handleOf(Napi::Env env, const Tensor& given) {
    const Tensor tensor = narrowed(given);
    Napi::Array shape = Napi::Array::New(env, tensor.dim());
    for (int64_t axis = 0; axis < tensor.dim(); axis++) shape.Set(axis, static_cast<double>(tensor.size(axis)));
    Napi::Object handle = Napi::Object::New(env);
    handle.Set("shape", shape);
    handle.Set("dtype", nameOf(tensor.scalar_type()));
    handle.Set("id", keep(env, tensor));
    return handle;
  }

  /** create(values, shape, dtype) → id. Copies the values. */
  Napi::Value create(const Napi::CallbackInfo& info) {
    const auto values = info[0].As<Napi::TypedArray>();
    const at::ScalarType wanted = typeOf(info[2].As<Napi::String>());
    const napi_typedarray_type fitting =
        wanted == at::kBool ? napi_uint8_array : wanted == at::kInt ? napi_int32_array : napi_float32_array;
    if (values.TypedArrayType() != fitting) throw std::runtime_error("the values are not of the tensor's type");
    const std::vector<int64_t> shape = intsOf(info[1]);
    Tensor tensor;
    try {
      // A GPU copies pinned memory directly, while this thread continues.
      tensor = at::empty(shape, at::TensorOptions(wanted).pinned_memory(device().is_cuda()));
      if (tensor.nbytes() != values.ByteLength()) throw std::runtime_error("the values do not fill the shape");
      const char* data = static_cast<const char*>(values.ArrayBuffer().Data()) + values.ByteOffset();
      if (tensor.nbytes() > 0) std::memcpy(tensor.data_ptr(), data, tensor.nbytes());
      tensor = tensor.to(device(), true);
    } catch (const std::bad_alloc&) {
      throw std::runtime_error(sized(shape) + "not enough memory");
    } catch (const c10::Error& error) {
      throw std::runtime_error(sized(shape) + reasonOf(error));
    }
    return keep(info.Env(), tensor);
  }

  /** read(id) → a new typed array. */
  Napi::Value read(const Napi::CallbackInfo& info) {
    const Napi::TypedArray values = roomFor(info.Env(), at(info[0]));
    copyTo(values.ArrayBuffer().Data(), at(info[0]));
    return values;
  }

  /**
   * readLater(id) → a promise of a new typed array. Does not block this thread. The tensor may be released
   * before the promise resolves.
   */
  Napi::Value readLater(const Napi::CallbackInfo& info) {
    auto* const reading = new Reading(info.Env(), at(info[0]));
    reading->Queue();
    return reading->result.Promise();
  }

  Napi::Value release(const Napi::CallbackInfo& info) {
    tensors_.erase(info[0].As<Napi::Number>().Int64Value());
    return info.Env().Undefined();
  }

  /** Number of tensors of this environment. */
  Napi::Value count(const Napi::CallbackInfo& info) {
    return Napi::Number::New(info.Env(), static_cast<double>(tensors_.size()));
  }

  /** setThreads(n) → the number of threads per operation, which is set for the whole process. */
  Napi::Value setThreads(const Napi::CallbackInfo& info) {
    at::set_num_threads(info[0].As<Napi::Number>());
    return Napi::Number::New(info.Env(), at::get_num_threads());
  }

  /** useDevice(name, source): see device.h. */
  Napi::Value choose(const Napi::CallbackInfo& info) {
    useDevice(info[0].As<Napi::String>(), info[1].As<Napi::String>());
    return info.Env().Undefined();
  }

  /** usePrecision(name): see device.h. */
  Napi::Value precise(const Napi::CallbackInfo& info) {
    usePrecision(info[0].As<Napi::String>());
    return info.Env().Undefined();
  }

  /** Number of GPUs that this libtorch can use. */
  Napi::Value gpus(const Napi::CallbackInfo& info) {
    return Napi::Number::New(info.Env(), static_cast<double>(gpuCount()));
  }

  std::unordered_map<int64_t, Tensor> tensors_;
  int64_t next_ = 1;
};

}  // namespace

at::ScalarType typeOf(const std::string& dtype) {
  if (dtype == "float32") return at::kFloat;
  if (dtype == "int32") return at::kInt;
  if (dtype == "bool") return at::kBool;
  throw std::runtime_error("there are no " + dtype + " tensors");
}

NODE_API_NAMED_ADDON(n2uq_torch, Torch)

}  // namespace n2uq
