import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { test } from "tap";
import { parse } from "yaml";
import { codeFile, codeOf, type SchemaSource, validatorOf } from "../../src/schema/compile.js";
import { faultsOf } from "../../src/schema/faults.js";
import { configRoot, experimentRoot } from "../../src/schema/roots.js";
import { runFileSource } from "../../src/schema/runFiles.js";
import type { Schema } from "../../src/schema/schema.js";
import { sourceOf } from "../../src/schema/validate.js";
import { root } from "../helpers/root.js";

const require = createRequire(import.meta.url);

/** What the build writes, run here. */
function compiled(source: SchemaSource) {
  const module = { exports: (_value: unknown): boolean => false };
  new Function("module", "require", codeOf(source))(module, require);
  return module.exports as ReturnType<typeof validatorOf>;
}

/** An experiment of the project, and others with one value in turn replaced by each of these. */
function* damaged(value: Record<string, unknown>): Generator<unknown> {
  yield value;
  for (const wrong of [null, -1, 0.5, "", "no such word", [], {}, { unknown: 1 }]) {
    for (const key of Object.keys(value)) yield { ...value, [key]: wrong };
    yield { ...value, unknown: wrong };
  }
  for (const key of Object.keys(value)) {
    const { [key]: _gone, ...rest } = value;
    yield rest;
    const inner = value[key];
    if (typeof inner !== "object" || inner === null || Array.isArray(inner)) continue;
    for (const changed of damaged(inner as Record<string, unknown>)) yield { ...value, [key]: changed };
  }
}

test("compiled code finds what ajv finds, in experiments and configs", (t) => {
  const folder = join(root, "experiments");
  const files = readdirSync(folder).filter((name) => /^(quickstart|res18-w2a2|mbv2-w4a4)\.yaml$/.test(name));
  t.equal(files.length, 3);
  const experiments = files.map((name) => parse(readFileSync(join(folder, name), "utf8")));
  const config = parse(readFileSync(join(root, "n2uq.config.yaml"), "utf8"));
  for (const [name, schema, values] of [
    ["overlay", experimentRoot, experiments],
    ["complete", experimentRoot, experiments],
    ["config", configRoot, [config, ...experiments.map((defaults) => ({ ...config, defaults }))]],
  ] as const) {
    const [ours, ajvs] = [compiled(sourceOf(name)), validatorOf(name, sourceOf(name))];
    let [count, faulty] = [0, 0];
    for (const value of values.flatMap((one) => [...damaged(one)])) {
      const [own, other] = [ours, ajvs].map((validate) =>
        validate(value) ? [] : faultsOf(validate.errors ?? [], schema, value),
      );
      count += 1;
      if (other?.length !== 0) faulty += 1;
      if (JSON.stringify(own) !== JSON.stringify(other)) t.same(own, other, JSON.stringify(value));
    }
    t.ok(faulty > 100 && faulty < count, `${name}: ${faulty} of ${count} values are wrong`);
  }
  t.end();
});

test("compiled code finds what ajv finds, in files of runs", (t) => {
  const source = runFileSource("metricsStep");
  const [ours, ajvs] = [compiled(source), validatorOf("metricsStep", source)];
  for (const value of [null, {}, { step: "1" }, { type: "step", step: 1, loss: 0.5 }]) {
    const [own, other] = [ours, ajvs].map((validate) => [validate(value), validate.errors]);
    t.same(own, other, JSON.stringify(value));
  }
  t.end();
});

test("code of another schema is not found", (t) => {
  const source = sourceOf("overlay");
  const merged: Schema = { ...source.schema, properties: { ...source.schema.properties, mine: {} } };
  const changed = { ...source, schema: merged };
  t.not(codeFile("overlay", changed), codeFile("overlay", source));
  t.equal(codeFile("overlay", sourceOf("overlay")), codeFile("overlay", source));
  t.equal(
    validatorOf("overlay", changed)({ mine: 1 }),
    true,
    "a merged schema is compiled when it is asked for",
  );
  t.equal(validatorOf("overlay", source)({ mine: 1 }), false);
  t.end();
});
