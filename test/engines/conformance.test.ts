import * as core from "@tensorflow/tfjs-core";
import t from "tap";
import { engines } from "../../src/engines/engines.js";
import type { TorchBackend } from "../../src/engines/torch/backend.js";
import { withoutTorch } from "../helpers/torch.js";
import { excluded } from "./conformance/exclusions.js";
import type { Outcome, Verdict } from "./conformance/suite.js";
import { judge, runSuite } from "./conformance/suite.js";

/** tfjs kernels of the addon; it has additional kernels. */
const registered = withoutTorch === false ? await namesOfTfjs() : [];

async function namesOfTfjs(): Promise<string[]> {
  await engines.torch.load();
  const { binding } = core.findBackend("torch") as TorchBackend;
  const known = new Set<unknown>(Object.values(core));
  return ["Identity", ...binding.kernels().map(({ name }) => name)].filter((name) => known.has(name)).sort();
}

const names = (outcomes: readonly Outcome[]) => outcomes.map(({ name }) => name);
const told = (outcomes: readonly Outcome[]) =>
  outcomes.map(({ name, messages }) => `${name}: ${messages[0]}`);

function figures({ passed, failed, accepted, needs, typeless }: Verdict): string {
  const groups = [...accepted].map(([{ reason }, outcomes]) => `${outcomes.length} excluded: ${reason}`);
  const absent = new Set([...needs.values()].flat());
  return [
    `${registered.length} kernels of tfjs; ${passed.length} tests passed, ${failed.length} failed`,
    ...groups,
    `${typeless.length} need tensors of other types`,
    `${absent.size} need one of ${needs.size} kernels that the engine has not`,
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
    t.ok(counted > 1000, "the tests were found");

    const unknown = [...needs.keys()].filter((kernel) => registered.includes(kernel));
    t.same(unknown, [], "no kernel of the addon is taken for one that is missing");
    const idle = excluded.filter((entry) => !accepted.has(entry)).map(({ test }) => String(test));
    t.same(idle, [], "what is on the list fails");

    const called = new Set(passed.flatMap(({ kernels }) => kernels));
    t.same(
      registered.filter((name) => !called.has(name)),
      [],
      "each kernel was called by a test that passed",
    );
  },
);

t.test("a kernel that computes something else is seen", { skip: withoutTorch }, async (t) => {
  const { failed } = judge(await runSuite({ only: "maximum", swapped: { Maximum: "Minimum" } }));
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
