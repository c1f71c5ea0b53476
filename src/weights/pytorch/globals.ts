import { type Dtype, dtypes } from "../dtypes.js";
import { filled } from "./filled.js";
import { rebuildParameter, rebuildTensor, rebuildTypedTensor, rebuildUntypedTensor } from "./tensors.js";
import { Bag, type Builder, Callable, Dict, Harmless, List, Tuple, type Value } from "./values.js";

/** PyTorch's storage classes by name. */
const storages: Readonly<Record<string, Dtype | null>> = {
  DoubleStorage: "float64",
  FloatStorage: "float32",
  HalfStorage: "float16",
  BFloat16Storage: "bfloat16",
  LongStorage: "int64",
  IntStorage: "int32",
  ShortStorage: "int16",
  CharStorage: "int8",
  ByteStorage: "uint8",
  BoolStorage: "bool",
  UntypedStorage: null,
};

/**
 * Keys are `module\nname`, exactly as written: a dotted name never selects an attribute of a module's object.
 */
const known = new Map<string, Callable | Harmless>();

function allow(modules: readonly string[], name: string, value: Callable | Harmless): void {
  for (const module of modules) known.set(`${module}\n${name}`, value);
}

function allowBuilder(modules: readonly string[], name: string, build: Callable["build"]): void {
  allow(modules, name, new Callable(`${modules[0]}.${name}`, build));
}

const BUILTINS = ["builtins", "__builtin__"];
allowBuilder(["collections"], "OrderedDict", buildDict);
allowBuilder(BUILTINS, "set", buildBag);
allowBuilder(BUILTINS, "frozenset", buildBag);
allowBuilder(BUILTINS, "bytes", buildBytes);
allowBuilder(BUILTINS, "bytearray", buildBytes);
allowBuilder(["_codecs"], "encode", encode);

allowBuilder(["torch"], "Size", ([items]) => new Tuple(itemsOf(items)));
allowBuilder(["torch"], "device", () => new Harmless("torch.device"));
allowBuilder(["torch._utils"], "_rebuild_tensor", rebuildTensor);
allowBuilder(["torch._utils"], "_rebuild_tensor_v2", rebuildTensor);
allowBuilder(["torch._utils"], "_rebuild_tensor_v3", rebuildUntypedTensor);
allowBuilder(["torch._utils"], "_rebuild_parameter", rebuildParameter);
allowBuilder(["torch._utils"], "_rebuild_parameter_with_state", rebuildParameter);
allowBuilder(["torch._tensor"], "_rebuild_from_type_v2", rebuildTypedTensor);

for (const [module, name] of [
  ["torch", "Tensor"],
  ["torch.nn.parameter", "Parameter"],
] as const) {
  allow([module], name, new Harmless(`${module}.${name}`));
}
for (const [name, dtype] of Object.entries(storages))
  allow(["torch", "torch.storage"], name, new Harmless(`torch.${name}`, dtype));
allow(["torch.storage"], "_UntypedStorage", new Harmless("torch.UntypedStorage"));
for (const dtype of Object.keys(dtypes) as Dtype[])
  allow(["torch"], dtype, new Harmless(`torch.${dtype}`, dtype));

/** PyTorch's names of unsupported kinds of tensors, with the conversion to use in Python. */
const unread: readonly (readonly [names: RegExp, advice: string])[] = [
  [
    /^torch(\.storage)?\n(Complex(Float|Double)Storage|complex(32|64|128))$/,
    "save tensor.abs() or tensor.real",
  ],
  [/^torch(\.storage)?\n(Q(U?)Int\d+(x\d)?Storage|quint\w+|qint\w+)$/, "save tensor.dequantize()"],
  [/^torch\._utils\n_rebuild_qtensor$/, "save tensor.dequantize()"],
  [/^torch\._utils\n_rebuild_(sparse|nested)\w*$/, "save tensor.to_dense()"],
  [/^torch\n(float8_\w+|float4_\w+|u?int[1-7]|bits\w+)$/, "save tensor.float()"],
];

/** The conversion to use for an unsupported kind of tensor; undefined if the name is not such a kind. */
export function adviceFor(module: string, name: string): string | undefined {
  return unread.find(([names]) => names.test(`${module}\n${name}`))?.[1];
}

/** Looks up a pickle's name in the allowlist. */
export function findGlobal(module: string, name: string): Callable | Harmless | undefined {
  return known.get(`${module}\n${name}`);
}

/** `OrderedDict()` or `OrderedDict([[key, value], …])`. */
function buildDict([pairs]: readonly Value[], builder: Builder): Value {
  const dict = new Dict();
  for (const pair of itemsOf(pairs)) {
    const items = itemsOf(pair);
    builder.spend(1);
    if (items.length !== 2) throw builder.corrupt("an OrderedDict whose items are not pairs");
    filled(dict, items);
  }
  return dict;
}

function buildBag([items]: readonly Value[], builder: Builder): Value {
  const bag = new Bag();
  for (const item of itemsOf(items)) {
    builder.spend(1);
    bag.items.push(item);
  }
  return bag;
}

/**
 * `bytes()`, `bytearray(bytes)`: written by protocols below 3 and 5. A number argument would mean that many
 * zeros.
 */
function buildBytes([content]: readonly Value[], builder: Builder): Value {
  if (content === undefined) return new Uint8Array();
  if (content instanceof Uint8Array) return content;
  throw builder.unsupported("bytes made from another type");
}

/** `_codecs.encode(text, "latin1")`: how protocol 2 writes bytes. */
function encode([content, codec]: readonly Value[], builder: Builder): Value {
  if (typeof content !== "string" || codec !== "latin1")
    throw builder.unsupported("_codecs.encode to another encoding than latin1");
  builder.spend(4 + content.length / 16);
  return Buffer.from(content, "latin1");
}

function itemsOf(value: Value | undefined): readonly Value[] {
  return value instanceof List || value instanceof Tuple || value instanceof Bag ? value.items : [];
}
