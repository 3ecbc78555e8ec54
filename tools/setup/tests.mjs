// Runs the test suites and ends with one line that any reader understands: `N passed, N failed`. With `--long` or `--soak` as its first word,
// those tests that are left out otherwise, because they take long and a quicker one stands beside them.
import { spawnSync } from "node:child_process";
import { globSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const [first, ...rest] = process.argv.slice(2);
const TAGS = ["long", "soak"];
const chosenTag = TAGS.find((tag) => first === `--${tag}`);
const words = chosenTag === undefined ? process.argv.slice(2) : rest;

/**
 * As a mark stands in a file: no other file is evaluated to find out that it has none.
 *
 * @param {string} tag
 * @returns {string[]}
 */
function filesWithTag(tag) {
  const folders = "{packages/*,tools/*,conformance,bench,examples}";
  return globSync(`${folders}/test/**/*.test.ts`).filter((path) =>
    readFileSync(path, "utf8").includes(`tags: "${tag}"`),
  );
}

/** Dots where somebody watches; a line per file where a machine keeps what is printed, without a word to steer a terminal. */
const isWatched = process.stdout.isTTY;
const REPORTER = isWatched ? ["--reporter=dot"] : ["--reporter=default", "--no-color", "--slowTestThreshold=3600000"];

const folder = mkdtempSync(join(tmpdir(), "holdfast-tests-"));
const report = join(folder, "report.json");
try {
  const chosen =
    chosenTag === undefined
      ? [`--tags-filter=${TAGS.map((tag) => `!${tag}`).join(" && ")}`]
      : [`--tags-filter=${chosenTag}`, ...filesWithTag(chosenTag)];
  const args = ["run", ...REPORTER, "--reporter=json", `--outputFile.json=${report}`, ...chosen, ...words];
  const env = isWatched ? process.env : { ...process.env, NO_COLOR: "1", FORCE_COLOR: undefined };
  const { status } = spawnSync("vitest", args, { env, stdio: ["ignore", "inherit", "inherit"] });
  /** @type {{ numPassedTests: number, numFailedTests: number, testResults: { assertionResults: { status: string, tags: string[] }[] }[] }} */
  const { numPassedTests, numFailedTests, testResults } = JSON.parse(readFileSync(report, "utf8"));
  const asked = testResults.flatMap((file) =>
    file.assertionResults.filter(({ tags }) =>
      chosenTag === undefined ? !tags.some((tag) => TAGS.includes(tag)) : tags.includes(chosenTag),
    ),
  );
  const skippedCount = asked.filter(({ status }) => status === "skipped" || status === "pending").length;
  const skipped = skippedCount > 0 ? `, ${skippedCount} skipped` : "";
  console.log(`\n${numPassedTests} passed, ${numFailedTests} failed${skipped}`);
  process.exitCode = status === 0 && numPassedTests > 0 ? 0 : 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
