import t from "tap";
import { describeHolder } from "../../src/files/holder.js";
import { beatMs, judge, silenceMs } from "../../src/files/judge.js";

const own = describeHolder(2000);
const other = { ...own, host: "another", every: 2000 };
const now = 1e12;
const MINUTE = 60_000;

const verdict = (ageMs: number, every = 2000) =>
  judge({ text: "", key: "", holder: { ...other, every }, modifiedMs: now - ageMs }, own, now);

/** Does something with another N2UQ_LOCK_SILENCE. */
function withSilence<Value>(text: string | undefined, work: () => Value): Value {
  const before = process.env.N2UQ_LOCK_SILENCE;
  if (text === undefined) delete process.env.N2UQ_LOCK_SILENCE;
  else process.env.N2UQ_LOCK_SILENCE = text;
  try {
    return work();
  } finally {
    if (before === undefined) delete process.env.N2UQ_LOCK_SILENCE;
    else process.env.N2UQ_LOCK_SILENCE = before;
  }
}

t.test("another machine's lock may be taken over after ten minutes without a heartbeat", async (t) => {
  withSilence(undefined, () => {
    t.equal(silenceMs(), 10 * MINUTE);
    t.equal(beatMs(), 2000);
    t.equal(verdict(10 * MINUTE - 1), "alive");
    t.same(verdict(10 * MINUTE), { watchMs: 10_000 }, "five signs of life are watched for");
    t.equal(
      verdict(10 * MINUTE, 3 * MINUTE),
      "alive",
      "one that seldom gives a sign has five of its own times",
    );
    t.same(verdict(15 * MINUTE, 3 * MINUTE), { watchMs: 15 * MINUTE });
    t.same(verdict(-2001), { watchMs: 10 * MINUTE }, "a date ahead of the file system's time says nothing");
    t.equal(verdict(-2000), "alive");
  });
});

t.test("N2UQ_LOCK_SILENCE sets the time in seconds; other values are ignored", async (t) => {
  withSilence("60", () => {
    t.equal(silenceMs(), MINUTE);
    t.equal(verdict(MINUTE - 1), "alive");
    t.same(verdict(MINUTE), { watchMs: 10_000 });
  });
  t.equal(
    withSilence("1", () => beatMs()),
    200,
    "signs of life come more often then",
  );
  for (const none of ["", "0", "-5", "soon", "Infinity", "NaN"]) {
    t.equal(withSilence(none, silenceMs), 10 * MINUTE, JSON.stringify(none));
  }
});
