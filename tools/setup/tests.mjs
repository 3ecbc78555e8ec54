// Runs the test suites and ends with one line that any reader understands: `N passed, N failed`.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Dots where somebody watches; a line per file where a machine keeps what is printed, without a word to steer a terminal. */
const isWatched = process.stdout.isTTY;
const REPORTER = isWatched ? ["--reporter=dot"] : ["--reporter=default", "--no-color", "--slowTestThreshold=3600000"];

const folder = mkdtempSync(join(tmpdir(), "holdfast-tests-"));
const report = join(folder, "report.json");
try {
  const args = ["run", ...REPORTER, "--reporter=json", `--outputFile.json=${report}`, ...process.argv.slice(2)];
  const env = isWatched ? process.env : { ...process.env, NO_COLOR: "1", FORCE_COLOR: undefined };
  const { status } = spawnSync("vitest", args, { env, stdio: ["ignore", "inherit", "inherit"] });
  const { numPassedTests, numFailedTests, numPendingTests } = JSON.parse(readFileSync(report, "utf8"));
  const skipped = numPendingTests > 0 ? `, ${numPendingTests} skipped` : "";
  console.log(`\n${numPassedTests} passed, ${numFailedTests} failed${skipped}`);
  process.exitCode = status === 0 && numPassedTests > 0 ? 0 : 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
