import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import t from "tap";
import { N2uqError } from "../../src/errors.js";
import { stream } from "../../src/random.js";
import { convertWeights } from "../../src/weights/convert.js";
import { readWeights } from "../../src/weights/open.js";
import { fixture, fixtures } from "../helpers/weights.js";

const COPIES = 1000;

t.test(
  "a thousand copies with flipped bytes: a coded error or tensors, quickly and in little memory",
  async (t) => {
    const folder = t.testdir();
    const converted = join(folder, "odd.safetensors");
    await convertWeights(fixture("zip_odd_tensors.pth"), converted);
    const good = readdirSync(fixtures)
      .filter((name) => /^(zip|legacy)_/.test(name))
      .map(fixture);
    const files = [...good, converted];
    const originals = await Promise.all(
      files.map(async (file) => ({ file, bytes: readFileSync(file), tensors: await readWeights(file) })),
    );
    const next = stream(20_261_125, "flips");
    const copy = join(folder, "flipped");
    const counts = { errors: 0, tensors: 0 };
    const [wrong, slow]: [string[], string[]] = [[], []];
    for (let i = 0; i < COPIES; i++) {
      const { file, bytes, tensors } = originals[i % originals.length]!;
      const flipped = Buffer.from(bytes);
      const where = Array.from({ length: 1 + Math.floor(3 * next()) }, () =>
        Math.floor(next() * bytes.length),
      );
      for (const at of where) flipped[at]! ^= 1 + Math.floor(255 * next());
      writeFileSync(copy, flipped);
      const started = performance.now();
      try {
        const found = await readWeights(copy);
        counts.tensors += 1;
        // The zip format has checksums: what comes out of it is right. The others have none, but values alone may differ.
        const isRight = file.includes("zip_") ? isDeepStrictEqual(found, tensors) : found.size > 0;
        if (!isRight) wrong.push(`${file} with bytes ${where} flipped: other tensors`);
      } catch (error) {
        if (error instanceof N2uqError && error.code.startsWith("N2UQ_WEIGHTS_")) counts.errors += 1;
        else wrong.push(`${file} with bytes ${where} flipped: ${error}`);
      }
      if (performance.now() - started > 2000) slow.push(`${file} with bytes ${where} flipped`);
    }
    t.same(wrong, []);
    t.same(slow, []);
    t.equal(counts.errors + counts.tensors, COPIES, JSON.stringify(counts));
    t.ok(counts.errors > 300 && counts.tensors > 50, JSON.stringify(counts));
    t.ok(process.resourceUsage().maxRSS < 1_000_000, `${process.resourceUsage().maxRSS} kB at most`);
  },
);
