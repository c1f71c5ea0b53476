import t from "tap";
import { batches } from "../../src/data/batches.js";
import type { BatchRequest, LoadedDataset } from "../../src/data/types.js";

t.test("the parts of a batch are the whole batch, in its order", async (t) => {
  const images = Uint8Array.from({ length: 10 }, (_, i) => i);
  const split = { kind: "memory" as const, length: 10, images, labels: images };
  const info = {
    name: "ten",
    classes: 10,
    imageSize: [1, 1],
    channels: 1,
    mean: [0],
    std: [1],
  } as const;
  const data: LoadedDataset = { info, train: split, test: split };
  const request: BatchRequest = {
    ...{ split: "train", batchSize: 4, seed: 0, epoch: 1, shuffle: true, dropLast: true },
  };
  const walk = async (more: Partial<BatchRequest>) => {
    const found: number[][] = [];
    for await (const { numbers } of batches(data, { ...request, ...more })) found.push([...numbers]);
    return found;
  };
  const [whole, left, right] = [
    await walk({}),
    await walk({ part: { index: 0, of: 2 } }),
    await walk({ part: { index: 1, of: 2 } }),
  ];
  t.equal(whole.length, 2);
  t.same(
    whole,
    left.map((part, i) => [...part, ...(right[i] ?? [])]),
  );
  t.same(await walk({ part: { index: 1, of: 2 }, firstBatch: 1 }), right.slice(1), "also of a resumed epoch");
});
