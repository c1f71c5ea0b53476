import { dict, op, storage, tensor } from "../../helpers/pickles.js";
import type { Random } from "../target.js";
import { between, pick } from "../target.js";

const u32 = (n: number) => op.u32(n >>> 0);

/** Names that a pickle may ask for, and some that it may not. */
const names: readonly (readonly [module: string, name: string])[] = [
  ["collections", "OrderedDict"],
  ["builtins", "set"],
  ["builtins", "bytes"],
  ["__builtin__", "frozenset"],
  ["_codecs", "encode"],
  ["torch", "Size"],
  ["torch", "device"],
  ["torch", "float16"],
  ["torch", "FloatStorage"],
  ["torch.storage", "UntypedStorage"],
  ["torch", "ComplexFloatStorage"],
  ["torch._utils", "_rebuild_tensor"],
  ["torch._utils", "_rebuild_tensor_v2"],
  ["torch._utils", "_rebuild_tensor_v3"],
  ["torch._utils", "_rebuild_parameter"],
  ["torch._utils", "_rebuild_qtensor"],
  ["torch._tensor", "_rebuild_from_type_v2"],
  ["os", "system"],
];
const sizes = [0, 1, 2, 3, 4, 7, 2 ** 31 - 1, 2 ** 53 - 1, 2 ** 53, 1e300, -1, 0.5, Number.NaN];
const storageTypes = ["FloatStorage", "DoubleStorage", "LongStorage", "BoolStorage", "UntypedStorage"];

const size = (random: Random): number | Buffer => {
  const value = random() < 0.8 ? between(random, 0, 4) : pick(random, sizes);
  return Number.isInteger(value) && Math.abs(value) < 2 ** 31 ? value : op.float(value);
};

const list = <Item>(random: Random, most: number, item: () => Item): Item[] =>
  Array.from({ length: between(random, 0, most) }, item);

/** A tensor whose numbers may be anything. */
function anyTensor(random: Random): Buffer {
  const shape = list(random, 4, () => size(random));
  const strides = random() < 0.9 ? shape.map(() => size(random)) : list(random, 4, () => size(random));
  const of =
    random() < 0.9
      ? storage(pick(random, ["0", "1", "2"]), between(random, 0, 8), pick(random, storageTypes))
      : value(random, 1);
  return tensor(of, shape, strides, random() < 0.7 ? 0 : between(random, -2, 9));
}

function call(random: Random, depth: number): Buffer {
  const args = list(random, 4, () => value(random, depth + 1));
  const [module, name] = pick(random, names);
  const global = op.global(module, name);
  return pick(random, [
    Buffer.concat([global, op.mark, ...args, op.tuple, op.reduce]),
    Buffer.concat([global, op.mark, ...args, op.tuple, op.newobj]),
    Buffer.concat([op.mark, global, ...args, op.obj]),
    Buffer.concat([op.mark, ...args, op.inst(module, name)]),
    global,
  ]);
}

function container(random: Random, depth: number): Buffer {
  const items = list(random, 5, () => value(random, depth + 1));
  const pairs = items.map((item, i) => [pick(random, ["w", "b", `n${i}`, "state_dict"]), item] as const);
  return pick(random, [
    dict(pairs),
    Buffer.concat([op.mark, ...items, op.tuple]),
    Buffer.concat([op.emptyList, op.mark, ...items, Buffer.from("e")]),
    Buffer.concat([op.byte(0x8f), op.mark, ...items, op.byte(0x90)]),
    Buffer.concat([op.emptyDict, op.mark, ...items, op.setItems]),
    Buffer.concat([
      op.global("collections", "OrderedDict"),
      op.emptyTuple,
      op.reduce,
      op.mark,
      ...items,
      op.setItems,
    ]),
  ]);
}

function scalar(random: Random): Buffer {
  const number = pick(random, [0, 1, 255, 256, 2 ** 31 - 1, -1, between(random, 0, 1000)]);
  const length = between(random, 0, 20);
  return pick(random, [
    op.none,
    op.no,
    op.integer(number),
    op.float(pick(random, sizes)),
    op.text("x".repeat(length)),
    op.short("\u00e9\n".repeat(between(random, 0, 3))),
    Buffer.concat([op.byte(0x8a, length), Buffer.alloc(length, number)]),
    Buffer.concat([op.byte(0x8b), u32(length), Buffer.alloc(length, number)]),
    Buffer.concat([Buffer.from("C"), op.byte(length), Buffer.alloc(length)]),
    Buffer.from(
      pick(random, [
        "I01\n",
        "I7\n",
        "L12345678901234567890L\n",
        "F1e999\n",
        "Fnan\n",
        "S'a'\n",
        "V\\ud800\n",
      ]),
    ),
  ]);
}

function value(random: Random, depth: number): Buffer {
  const kind = random();
  if (depth > 5 || kind < 0.3) return scalar(random);
  if (kind < 0.5) return anyTensor(random);
  if (kind < 0.7) return container(random, depth);
  if (kind < 0.8) return call(random, depth);
  const place = between(random, 0, 6);
  if (kind < 0.9) return Buffer.concat([value(random, depth + 1), op.put(place)]);
  if (kind < 0.97) return op.get(place);
  return pick(random, [
    op.byte(between(random, 0, 255)),
    op.lengthOf(pick(random, [0x8d, 0x8e, 0x95, 0x96]), BigInt(pick(random, [0, 5, 2 ** 31, 2 ** 53]))),
    op.pop,
    op.dup,
    op.mark,
    op.append,
    op.setItem,
    op.build,
    op.persid,
    op.stackGlobal,
    op.memoize,
  ]);
}

/** A pickle by the grammar of pickles: mostly sound, mostly a dict of tensors. */
export function pickle(random: Random): Buffer {
  const entries = list(random, 8, () => {
    const name = pick(random, [
      "conv.weight",
      "module.w",
      "module.b",
      "fc.bias",
      "state_dict",
      "epoch",
      "model",
    ]);
    return [name, random() < 0.5 ? anyTensor(random) : value(random, 0)] as const;
  });
  const root = random() < 0.9 ? dict(entries) : value(random, 0);
  return Buffer.concat([op.proto(between(random, 0, 6)), root, op.stop]);
}
