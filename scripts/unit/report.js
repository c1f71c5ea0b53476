import ClosingReporter from "../../test/reporter/closing.js";
import { runFiles } from "./run.js";

/**
 * Runs unit tests and prints their results like `npm test`; the last line is `N passed, N failed`.
 *
 * @param {readonly string[]} files from the root of the repository
 * @param {Parameters<typeof runFiles>[1]} options
 * @param {(text: string) => void} print
 * @returns {Promise<void>} when everything is printed; `process.exitCode` is 1 if a test failed
 */
export async function runAndReport(files, options, print) {
  const reporter = new ClosingReporter();
  const printed = new Promise((resolve) => reporter.on("end", resolve));
  reporter.setEncoding("utf8").on("data", print);
  reporter.write("TAP version 14\n");
  let count = 0;
  await runFiles(files, options, (file, result) => {
    count += 1;
    reporter.write(asSubtest(file, count, result));
  });
  reporter.end(`1..${files.length}\n`);
  await printed;
}

/** A file's output as one test of a larger stream, nested as in tap. */
function asSubtest(file, number, { tap, stderr, ok, expired, ms }) {
  // Without a plan, the output would not be recognized as that of a test file.
  const whole = /^ *1\.\.\d|^(not )?ok /m.test(tap) ? tap : `${tap}\n1..0\n`;
  const stopped = expired ? `${file}: stopped, it took longer than ${Math.round(ms / 1000)} s\n` : "";
  const told = ok ? "" : `${stopped}${stderr.slice(-4000).replace(/^(?=.)/gm, "| ")}\n`;
  const inner = `${whole.replace(/^TAP version 14\n/, "")}\n${told}`.replace(/^(?=.)/gm, "    ");
  return `# Subtest: ${file}\n${inner}\n${ok ? "ok" : "not ok"} ${number} - ${file} # time=${ms}ms\n\n`;
}
