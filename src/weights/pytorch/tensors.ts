import { type Dtype, dtypes } from "../dtypes.js";
import { isCountable, MOST_DIMENSIONS } from "../shape.js";
import { type Builder, Callable, Dict, Harmless, Storage, TensorView, Tuple, type Value } from "./values.js";

/**
 * `_rebuild_tensor_v2(storage, offset, size, stride, requires_grad, backward_hooks, metadata)`; v1 ends with
 * stride.
 */
export function rebuildTensor(args: readonly Value[], builder: Builder): Value {
  const [storage, offset, shape, strides, , , metadata] = args;
  return view(builder, { storage, offset, shape, strides, metadata });
}

/** `_rebuild_tensor_v3(storage, offset, size, stride, requires_grad, backward_hooks, dtype, metadata)`. */
export function rebuildUntypedTensor(args: readonly Value[], builder: Builder): Value {
  const [storage, offset, shape, strides, , , dtype, metadata] = args;
  if (!(dtype instanceof Harmless) || dtype.dtype === null) throw builder.corrupt("a tensor without a dtype");
  return view(builder, { storage, offset, shape, strides, metadata }, dtype.dtype);
}

/** `_rebuild_parameter(data, requires_grad, backward_hooks[, state])`: returns the parameter's tensor. */
export function rebuildParameter([data]: readonly Value[], builder: Builder): Value {
  if (data instanceof TensorView) return data;
  throw builder.corrupt("a parameter without a tensor");
}

/**
 * `_rebuild_from_type_v2(function, type, args, state)`: a tensor with Python attributes, which are ignored.
 */
export function rebuildTypedTensor([callee, , args]: readonly Value[], builder: Builder): Value {
  const build = callee instanceof Callable && callee.build !== rebuildTypedTensor ? callee.build : null;
  if (build === null || !(args instanceof Tuple)) throw builder.corrupt("a tensor of an unknown type");
  const built = build(args.items, builder);
  if (built instanceof TensorView) return built;
  throw builder.corrupt("a tensor of an unknown type");
}

const VIEW_WORK = 8;

type ViewArguments = Readonly<
  Record<"storage" | "offset" | "shape" | "strides" | "metadata", Value | undefined>
>;

/** Checks a view completely before any of its values is read: every index must be inside the storage. */
function view(builder: Builder, args: ViewArguments, declared?: Dtype): TensorView {
  const { storage } = args;
  if (!(storage instanceof Storage)) throw builder.corrupt("a tensor without a storage");
  const dtype = declared ?? storage.dtype;
  if (dtype === null) throw builder.corrupt("a tensor without a dtype");
  if (args.metadata instanceof Dict && args.metadata.size > 0)
    throw builder.unsupported("a tensor whose values are negated or conjugated");
  const [shape, strides] = [counts(builder, args.shape), counts(builder, args.strides)];
  const [offset] = counts(builder, new Tuple([args.offset ?? null]));
  if (offset === undefined || shape.length !== strides.length)
    throw builder.corrupt("a tensor of other dimensions than its strides");
  builder.spend(VIEW_WORK + shape.length + strides.length);
  const tensor = new TensorView(storage, dtype, offset, shape, strides);
  const unit = dtypes[dtype].bytes;
  const shown = () => `a tensor [${shape.slice(0, 8).join(", ")}${shape.length > 8 ? ", …" : ""}]`;
  if (!isCountable(shape)) throw builder.corrupt(`${shown()} has more values than can be counted`);
  if (tensor.elements > 0 && (offset + tensor.span) * unit > storage.bytes)
    throw builder.corrupt(`${shown()} reaches beyond its storage`);
  if (tensor.elements * unit > builder.fileBytes) throw builder.corrupt(`${shown()} is larger than the file`);
  return tensor;
}

function counts(builder: Builder, value: Value | undefined): number[] {
  if (!(value instanceof Tuple) || value.items.length > MOST_DIMENSIONS)
    throw builder.corrupt("a tensor whose dimensions are not a tuple");
  return value.items.map((item) => {
    if (typeof item === "number" && Number.isSafeInteger(item) && item >= 0) return item;
    throw builder.corrupt("a tensor with an invalid size, stride or offset");
  });
}
