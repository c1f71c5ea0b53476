import { open, stat } from "node:fs/promises";
import { join } from "node:path";
import t from "tap";
import { convertWeights } from "../../src/weights/convert.js";
import { bytesOf } from "../../src/weights/load.js";
import { openWeights } from "../../src/weights/open.js";
import { assemble, floats, legacy, op, storage, tensor } from "../helpers/pickles.js";

const COUNT = 600_000_000;

/** A legacy file of a tensor of 2.4 GB, whose last values are 1 to 4, and of a column and a row of it; most of it is a hole. */
async function largeFile(file: string): Promise<void> {
  const whole = storage("0", COUNT);
  const pickle = assemble(
    op.emptyDict,
    op.text("whole"),
    tensor(whole, [COUNT / 4, 4], [4, 1]),
    op.setItem,
    ...[op.text("row"), tensor(whole, [4], [1], COUNT - 4), op.setItem],
    ...[op.text("column"), tensor(whole, [2, 2], [1, 2], COUNT - 4), op.setItem],
  );
  const head = legacy(pickle, [["0", COUNT, Buffer.alloc(0)]]);
  const handle = await open(file, "w");
  await handle.write(head);
  await handle.write(floats(1, 2, 3, 4), 0, 16, head.length + 4 * COUNT - 16);
  await handle.close();
}

t.test("a file above 2 GB is inspected at once, read in part, and converted piece by piece", async (t) => {
  const folder = t.testdir();
  const [from, to] = [join(folder, "large.pth"), join(folder, "large.safetensors")];
  await largeFile(from);
  await convertWeights(from, to);
  t.ok((await stat(to)).size > 4 * COUNT);
  for (const file of [from, to]) {
    const weights = await openWeights(file);
    t.same(weights.tensors.get("whole")?.shape, [COUNT / 4, 4]);
    t.same([...new Float32Array(await bytesOf(weights.tensors.get("row")!))], [1, 2, 3, 4]);
    t.same([...new Float32Array(await bytesOf(weights.tensors.get("column")!))], [1, 3, 2, 4]);
    let last: Uint8Array = new Uint8Array();
    for await (const piece of weights.tensors.get("whole")!.chunks()) last = piece;
    t.same([...new Float32Array(last.slice(-16).buffer)], [1, 2, 3, 4]);
    await weights.close();
  }
  t.ok(process.resourceUsage().maxRSS < 600_000, `${process.resourceUsage().maxRSS} kB at most`);
});
