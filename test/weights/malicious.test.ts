import { existsSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import t from "tap";
import { openWeights, readWeights } from "../../src/weights/open.js";
import { archive, assemble, dict, floats, legacy, op, storage, tensor } from "../helpers/pickles.js";
import { rejection } from "../helpers/weights.js";

const mark = join(tmpdir(), `n2uq-pickle-ran-${process.pid}`);
const command = Buffer.concat([op.text(`touch ${mark}`), op.tuple1]);
const good = tensor(storage("0", 2), [2], [1]);
const orderedDict = Buffer.concat([op.global("collections", "OrderedDict"), op.emptyTuple, op.reduce]);

/** Each way by which a pickle can name, call, import or change something, and what the refusal must name. */
const attacks: readonly (readonly [what: string, pickle: Buffer, named: RegExp])[] = [
  ["GLOBAL and REDUCE", assemble(op.global("os", "system"), command, op.reduce), /contains os\.system;/],
  [
    "a GLOBAL that is never called",
    assemble(dict([["x", op.global("subprocess", "Popen")]])),
    /subprocess\.Popen/,
  ],
  [
    "a GLOBAL that is thrown away",
    assemble(op.global("posix", "system"), op.pop, dict([["x", good]])),
    /posix\.system/,
  ],
  [
    "STACK_GLOBAL",
    assemble(op.short("posix"), op.short("system"), op.stackGlobal, command, op.reduce),
    /posix\.system/,
  ],
  [
    "STACK_GLOBAL with a dotted name, which protocol 4 walks",
    assemble(
      op.proto(4),
      op.short("torch._utils"),
      op.short("os.system"),
      op.stackGlobal,
      command,
      op.reduce,
    ),
    /torch\._utils\.os\.system/,
  ],
  [
    "a dotted name below one that is allowed",
    assemble(op.proto(4), op.short("torch"), op.short("Size.__class__"), op.stackGlobal),
    /torch\.Size\.__class__/,
  ],
  [
    "an allowed name cut elsewhere",
    assemble(op.short("torch._utils._rebuild_tensor_v2\n"), op.short("x"), op.stackGlobal),
    /_rebuild_tensor_v2/,
  ],
  [
    "STACK_GLOBAL of what is no text",
    assemble(op.emptyDict, op.short("system"), op.stackGlobal),
    /not a string/,
  ],
  ["INST", assemble(op.mark, op.text(`touch ${mark}`), op.inst("os", "system")), /os\.system/],
  ["OBJ", assemble(op.mark, op.global("subprocess", "call"), op.text("id"), op.obj), /subprocess\.call/],
  ["OBJ of a built thing", assemble(op.mark, orderedDict, op.text("id"), op.obj), /OBJ/],
  ["NEWOBJ", assemble(op.global("socket", "socket"), op.emptyTuple, op.newobj), /socket\.socket/],
  [
    "NEWOBJ_EX with keywords for an allowed class",
    assemble(op.global("collections", "OrderedDict"), op.emptyTuple, dict([["x", op.none]]), op.newobjEx),
    /NEWOBJ_EX/,
  ],
  ["REDUCE of a built object", assemble(orderedDict, op.emptyTuple, op.reduce), /REDUCE/],
  ["REDUCE of text", assemble(op.text("os.system"), command, op.reduce), /REDUCE of a string/],
  ["REDUCE of a dtype", assemble(op.global("torch", "float32"), op.emptyTuple, op.reduce), /torch\.float32/],
  [
    "BUILD with a state for a tensor",
    assemble(dict([["x", Buffer.concat([good, dict([["__class__", op.none]]), op.build])]])),
    /BUILD/,
  ],
  ["BUILD on a name", assemble(op.global("torch", "Size"), dict([["__call__", op.none]]), op.build), /BUILD/],
  [
    "BUILD with a pair, which sets slots",
    assemble(orderedDict, op.emptyDict, op.none, op.byte(0x86), op.build),
    /BUILD/,
  ],
  [
    "items set on a name",
    assemble(op.global("torch", "Size"), op.text("a"), op.none, op.setItem),
    /items set/,
  ],
  ["EXT1", assemble(op.byte(0x82, 1)), /extension 1;/],
  ["EXT2", assemble(op.byte(0x83, 1, 1)), /extension 257;/],
  ["EXT4", assemble(op.byte(0x84), op.u32(70_000)), /extension 70000;/],
  ["PERSID", assemble(op.textPersid("storage")), /persistent id/],
  ["BINPERSID of a name", assemble(op.global("torch", "Size"), op.persid), /persistent id/],
  [
    "BINPERSID of a module with its source code",
    assemble(
      op.mark,
      op.text("module"),
      op.none,
      op.text("import os"),
      op.text("os.system('id')"),
      op.tuple,
      op.persid,
    ),
    /source code/,
  ],
  [
    "builtins.eval",
    assemble(op.global("builtins", "eval"), op.text("__import__('os')"), op.tuple1, op.reduce),
    /builtins\.eval/,
  ],
  [
    "__builtin__.getattr on an allowed name",
    assemble(op.global("__builtin__", "getattr"), op.global("torch", "Size"), op.text("__class__")),
    /__builtin__\.getattr/,
  ],
  [
    "importlib",
    assemble(op.global("importlib", "import_module"), command, op.reduce),
    /importlib\.import_module/,
  ],
  ["torch.load in torch.load", assemble(op.global("torch", "load"), command, op.reduce), /torch\.load/],
  ["torch.hub", assemble(op.global("torch.hub", "load"), command, op.reduce), /torch\.hub\.load/],
  [
    "a whole network",
    assemble(op.global("torchvision.models.resnet", "ResNet"), op.emptyTuple, op.newobj),
    /ResNet/,
  ],
  [
    "a name put into the memo as another",
    assemble(op.global("torch", "Size"), op.put(7), op.pop, op.global("os", "system"), op.put(7), op.get(7)),
    /os\.system/,
  ],
  [
    "_rebuild_from_type_v2 with a function that is not on the list",
    assemble(op.global("torch._tensor", "_rebuild_from_type_v2"), op.mark, op.global("os", "system")),
    /os\.system/,
  ],
  ["a buffer outside the pickle", assemble(op.proto(5), op.byte(0x97)), /buffer/],
  ["a name made of control characters", assemble(op.global("\u001b[2J", "x\u202e")), /u\{1b\}\[2J/],
];

t.test(
  "every way to smuggle a call is rejected with its name, in both formats, and nothing runs",
  async (t) => {
    const folder = t.testdir();
    for (const [what, pickle, named] of attacks) {
      for (const [format, bytes] of [
        ["zip", archive(pickle, { 0: floats(1, 2) })],
        ["legacy", legacy(pickle)],
      ] as const) {
        const file = join(folder, "attack.pth");
        writeFileSync(file, bytes);
        const error = await rejection(openWeights(file));
        t.equal(error.code, "N2UQ_WEIGHTS_REFUSED", `${what}, ${format}: ${error.message}`);
        t.match(error.message, named, `${what}, ${format}`);
      }
    }
    t.notOk(existsSync(mark), "no command was run");
    rmSync(mark, { force: true });
  },
);

t.test("names that mean something to JavaScript are names", async (t) => {
  const names = ["__proto__", "constructor", "toString", "hasOwnProperty", "__metadata__", ""];
  const file = join(t.testdir(), "names.pth");
  writeFileSync(file, archive(assemble(dict(names.map((name) => [name, good]))), { 0: floats(1, 2) }));
  const tensors = await readWeights(file);
  t.same([...tensors.keys()], names);
  t.same(tensors.get("__proto__")!.data, Float32Array.of(1, 2));
  t.equal(({} as Record<string, unknown>).polluted, undefined);
  t.equal(Object.getPrototypeOf({}), Object.prototype);
});
