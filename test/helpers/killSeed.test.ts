import t from "tap";
import { killMoments } from "./killSeed.js";

t.test("the seed is printed, and the same seed draws the same moments", async (t) => {
  const printed = t.capture(console, "log");
  const draw = (seed: string | undefined) => {
    t.intercept(process, "env", { value: { ...process.env, N2UQ_TEST_SEED: seed } });
    const next = killMoments();
    return [next(), next(), next()];
  };
  const moments = draw("7");
  t.same(printed.args().flat(), ["kills at moments of N2UQ_TEST_SEED=7"]);
  t.same(draw("7"), moments);
  t.notSame(draw("8"), moments);
  t.throws(() => draw("soon"), RangeError);
});

t.test("without one, the printed seed draws the moments again", async (t) => {
  const printed = t.capture(console, "log");
  const { N2UQ_TEST_SEED: _, ...env } = process.env;
  t.intercept(process, "env", { value: env });
  const first = killMoments()();
  const seed = /=(\d+)$/.exec(String(printed.args().flat()[0]))?.[1];
  t.intercept(process, "env", { value: { ...env, N2UQ_TEST_SEED: seed } });
  t.equal(killMoments()(), first);
});
