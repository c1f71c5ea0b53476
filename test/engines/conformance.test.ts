import * as core from "@tensorflow/tfjs-core";
import t from "tap";
import { engines } from "../../src/engines/engines.js";
import { torchKernels } from "../../src/engines/torch/kernels.js";
import { withoutTorch } from "../helpers/torch.js";
import { excluded, leftOut } from "./conformance/exclusions.js";
import type { Outcome, Verdict } from "./conformance/suite.js";
import { judge, runSuite } from "./conformance/suite.js";

/** Kernels of tfjs; the engine has some more of its own. */
const known = new Set<unknown>(Object.values(core));
const registered = torchKernels.map(({ kernelName }) => kernelName).filter((name) => known.has(name));

const names = (outcomes: readonly Outcome[]) => outcomes.map(({ name }) => name);
const told = (outcomes: readonly Outcome[]) =>
  outcomes.map(({ name, messages }) => `${name}: ${messages[0]}`);

function figures({ passed, failed, accepted, needs, typeless }: Verdict): string {
  const groups = [...accepted].map(([{ reason }, outcomes]) => `${outcomes.length} excluded: ${reason}`);
  const absent = [...needs].map(([kernel, outcomes]) => `${kernel} ${outcomes.length}`).sort();
  return [
    `${registered.length} kernels of tfjs; ${passed.length} tests passed, ${failed.length} failed`,
    ...groups,
    `${typeless.length} need tensors of other types`,
    `need a kernel that is left out: ${absent.join(", ")}`,
  ].join("\n");
}

t.test(
  "tfjs-core's own tests pass on the torch engine",
  { skip: withoutTorch, timeout: 300_000 },
  async (t) => {
    const outcomes = await runSuite();
    const verdict = judge(outcomes);
    t.comment(figures(verdict));
    const { passed, failed, accepted, needs } = verdict;
    t.same(told(failed), [], "every failure is on the list");
    const counted = passed.length + failed.length + [...accepted.values()].flat().length;
    t.ok(passed.length >= 0.95 * counted, `${passed.length} of ${counted} pass`);
    t.ok(counted > 2000, "the tests were found");

    const idle = excluded.filter((entry) => !accepted.has(entry)).map(({ test }) => String(test));
    t.same(idle, [], "what is on the list fails");
    t.same(
      [...needs.keys()].sort(),
      [...leftOut.keys()].sort(),
      "and the kernels that are left out are needed",
    );

    const called = new Set(passed.flatMap(({ kernels }) => kernels));
    t.same(
      registered.filter((name) => !called.has(name)).sort(),
      Object.keys(apart).sort(),
      "each kernel was called by a test that passed, or is compared below",
    );
  },
);

/** An image of 5 by 4 with opacity, in which no two pixels are alike. */
const image = Array.from({ length: 5 }, (_, y) =>
  Array.from({ length: 4 }, (_, x) => [10 * y + x, y, x, 100 + x * y]),
);

/** Kernels that no test of tfjs-core calls in Node.js, with inputs and attributes. */
const apart: Readonly<Record<string, readonly [Readonly<Record<string, core.TensorLike>>, object]>> = {
  RotateWithOffset: [{ image: [image] }, { radians: 0.7, fillValue: [7, 8, 9], center: [0.4, 0.6] }],
};

t.test("the other kernels agree with those of the cpu", { skip: withoutTorch }, async (t) => {
  const run = async (engine: "cpu" | "torch", name: string) => {
    await engines[engine].load();
    const [given, attrs] = apart[name]!;
    const result = core.tidy(() => {
      const inputs = Object.entries(given).map(([key, values]) => [key, core.tensor(values)] as const);
      return core.engine().runKernel(name, Object.fromEntries(inputs), attrs as never) as core.Tensor;
    });
    const { dtype, shape } = result;
    const data = [...result.dataSync()];
    result.dispose();
    return { kind: { dtype, shape }, data };
  };
  for (const name of Object.keys(apart)) {
    const expected = await run("cpu", name);
    const found = await run("torch", name);
    t.same(found.kind, expected.kind, name);
    t.ok(found.data.every((value, index) => Math.abs(value - expected.data[index]!) <= 1e-5));
  }
});

t.test("a kernel that computes something else is seen", { skip: withoutTorch }, async (t) => {
  const { failed } = judge(
    await runSuite({ only: "squaredDifference", swapped: { SquaredDifference: "Sub" } }),
  );
  t.ok(names(failed).length > 3, `${failed.length} tests fail`);
});

t.test("each test is put in one place", (t) => {
  const outcome = (name: string, more: Partial<Outcome>): Outcome => {
    return { name, status: "failed", messages: ["wrong"], kernels: ["Add"], absent: [], ...more };
  };
  const { passed, failed, accepted, needs, typeless, beside } = judge(
    [
      outcome("right", { status: "passed", messages: [] }),
      outcome("plain", { status: "passed", messages: [], kernels: [] }),
      outcome("wrong", {}),
      outcome("listed", {}),
      outcome("absent", { absent: ["Einsum"], status: "passed" }),
      outcome("text", { messages: ["the torch engine has no string tensors"] }),
      outcome("text and more", { messages: ["the torch engine has no string tensors", "wrong"] }),
    ],
    [{ test: /^listed/, reason: "as it should be" }],
  );
  t.same(
    [passed, beside, failed, typeless, [...accepted.values()].flat(), needs.get("Einsum")].map((group) =>
      names(group ?? []),
    ),
    [["right"], ["plain"], ["wrong", "text and more"], ["text"], ["listed"], ["absent"]],
  );
  t.end();
});
