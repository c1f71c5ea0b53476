import { Transform } from "node:stream";
import { Parser } from "tap-parser";
import { describeFailure } from "./failure.js";
import { Tally } from "./tally.js";

/**
 * tap's reporter: one line per file with its failures, and at the end `N passed, N failed`.
 *
 * It counts tests, not assertions: named tests, and files with assertions outside of tests. A test without
 * assertions, a file that crashes, and a file that exits with an error although its tests passed are failures
 * too. (tap alone accepts the first.)
 */
export default class ClosingReporter extends Transform {
  #root = new Tally("");
  #files = 0;
  #parser = new Parser();

  constructor() {
    super({ decodeStrings: false });
    this.#watch(this.#parser, this.#root);
    this.#parser.on("complete", (results) => this.#finish(results));
  }

  /** @override */
  _transform(chunk, _encoding, done) {
    this.#parser.write(String(chunk));
    done();
  }

  /** @override */
  _flush(done) {
    this.#parser.end();
    done();
  }

  #watch(parser, tally) {
    parser.on("child", (child) => {
      tally.open = new Tally(child.name, tally);
      this.#watch(child, tally.open);
    });
    parser.on("assert", (result) => this.#assert(result, tally));
    parser.on("bailout", (reason) => tally.parent ?? this.#say(`Bail out! ${reason}`));
    parser.on("extra", (text) => this.push(text));
  }

  #assert(result, tally) {
    const closed = tally.open;
    tally.open = undefined;
    if (closed !== undefined && result.closingTestPoint) {
      this.#close(closed, result);
    } else if (result.skip || result.todo) {
      tally.skipped++;
    } else if (tally === this.#root && typeof result.diag?.expired === "string") {
      // tap's word on a file that took too long; the file itself has failed, or has taken another's place in the plan.
      this.#say(`✗ ${result.diag.expired}: stopped, it took too long`);
    } else {
      tally.asserted = true;
      if (result.ok) return;
      tally.broken = true;
      this.#fail([...tally.path, result.name], result.diag);
    }
  }

  /** Counts a test, or a file, when its last line arrives. */
  #close(tally, result) {
    if (tally.open !== undefined) this.#close(tally.open, { ok: false });
    const failedInside = tally.broken || tally.failed > 0;
    const left = !result.ok && !result.todo && !failedInside;
    if (left) this.#fail(tally.path, result.diag, "failed outside its assertions");
    const empty = !left && !tally.asserted && tally.count === 0;
    const skipped = empty && (result.todo || isReason(result.skip));
    if (empty && !skipped) this.#fail(tally.path, null, "asserts nothing");

    if (tally.broken || left || (empty && !skipped)) tally.failed++;
    else if (skipped) tally.skipped++;
    else if (tally.asserted) tally.passed++;
    tally.parent.add(tally);
    if (tally.parent !== this.#root) return;
    this.#files++;
    this.#say(fileLine(tally, result.time));
  }

  #finish(results) {
    const root = this.#root;
    if (root.broken) root.failed++;
    const silent = (results.plan.end ?? 0) - this.#files;
    if (silent > 0) {
      root.failed += silent;
      this.#fail(["tap"], null, `${silent} of ${results.plan.end} test files never reported`);
    } else if (root.failed === 0 && (root.count === 0 || !results.ok)) {
      root.failed++;
      this.#fail(["tap"], null, root.count === 0 ? "ran no test" : "failed outside the tests");
    }
    if (root.failed > 0) process.exitCode = 1;
    if (root.skipped > 0) this.#say(`${root.skipped} skipped`);
    this.#say(`${root.passed} passed, ${root.failed} failed`);
  }

  #fail(path, diagnostics, why) {
    this.#say(`\n✗ ${path.join(" › ")}${why === undefined ? "" : `: ${why}`}`);
    const text = describeFailure(diagnostics);
    if (text !== "") this.#say(text.replace(/^(?=.)/gm, "    "));
    this.#say("");
  }

  #say(line) {
    this.push(`${line}\n`);
  }
}

/** Whether a test was skipped on purpose: tap also marks what is merely empty as skipped. */
function isReason(skip) {
  return typeof skip === "string" ? !/^no tests found/i.test(skip) : skip === true;
}

function fileLine(tally, timeMs) {
  const seconds = timeMs === null || timeMs === undefined ? "" : ` in ${(timeMs / 1000).toFixed(1)} s`;
  const skipped = tally.skipped > 0 ? `, ${tally.skipped} skipped` : "";
  const failed = tally.failed > 0 ? `, ${tally.failed} failed` : "";
  return `${tally.failed > 0 ? "✗" : "✓"} ${tally.name}: ${tally.passed} passed${failed}${skipped}${seconds}`;
}
