import t from "tap";
import { rankBatch, rankCount, ranksWords, shareFault } from "../../src/resolve/ranks.js";

/** Devices, nodes, the batch, the images per rank, and whether the batch can be shared. */
const cases = [
  [1, 1, 7, 7, true],
  [1, 1, 1, 1, true],
  [2, 1, 8, 4, true],
  [2, 2, 8, 2, true],
  [1, 4, 8, 2, true],
  [2, 1, 9, 5, false],
  [2, 2, 4, 1, false],
  [4, 1, 6, 2, false],
] as const;

t.test("a batch is shared equally, with at least two images per rank", async (t) => {
  for (const [devices, nodes, batchSize, share, fits] of cases) {
    const name = `${batchSize} images on ${nodes} nodes of ${devices} devices`;
    t.equal(rankCount({ devices, nodes }), devices * nodes, name);
    t.equal(rankBatch({ devices, nodes, training: { batchSize } }), share, name);
    const fault = shareFault({ devices, nodes }, batchSize);
    if (fits) t.equal(fault, null, name);
    else
      t.match(fault, {
        code: "N2UQ_RANKS_BATCH",
        message: new RegExp(`\\b${batchSize}\\b`),
        details: { path: [devices > 1 ? "devices" : "nodes"] },
      });
  }
});

t.test("ranks are named by devices, and by nodes where there are several", async (t) => {
  t.equal(ranksWords({ devices: 4, nodes: 1 }), "4 devices");
  t.equal(ranksWords({ devices: 2, nodes: 3 }), "6 devices (3 nodes × 2)");
});
