// Entry of `npm start` and `npm test` on a machine that has Node 20 or newer and npm, nothing else.
//
// Plain JavaScript on purpose: it runs before anything is installed, on whatever Node is there.
import { spawnSync } from "node:child_process";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { ensureBubblewrap } from "./bubblewrap.mjs";
import { ensureDependencies } from "./dependencies.mjs";
import { makeFrontDoor } from "./front-door.mjs";

const root = fileURLToPath(new URL("../..", import.meta.url));
const bin = join(root, "node_modules", ".bin");
const HOLDFAST = join(bin, "holdfast");

/** What holds of the sources, quickest word first; the same list for `npm test`, `pnpm check` and every CI run. */
const CHECKS = [
  ["node", "tools/codegen/src/main.ts", "--check"],
  // Everything: sources, tests, conformance, bench, tools. A type assertion in a test is nothing but this.
  ["tsc", "-b"],
  ["biome", "check", "."],
  ["node", "tools/check/src/main.ts"],
];

/**
 * Commands per task; each runs with the pinned tools in front of PATH.
 *
 * @type {Record<string, string[][]>}
 */
const TASKS = {
  setup: [],
  start: [[HOLDFAST, "demo"]],
  check: CHECKS,
  test: [...CHECKS, ["node", "tools/setup/tests.mjs"]],
};

/** @param {string[]} words */
function run([command = "", ...args]) {
  const env = {
    ...process.env,
    PATH: `${bin}${delimiter}${process.env.PATH}`,
    TURBO_TELEMETRY_DISABLED: "1",
    DO_NOT_TRACK: "1",
  };
  const { status, signal, error } = spawnSync(command, args, { cwd: root, env, stdio: "inherit" });
  if (error) throw error;
  if (status !== 0) {
    console.error(`\n${[command, ...args].join(" ")} ended with ${signal ?? status}`);
    process.exit(status ?? 1);
  }
}

const task = process.argv[2] ?? "setup";
const commands = TASKS[task];
if (commands === undefined) {
  console.error(`unknown task ${task}; one of: ${Object.keys(TASKS).join(", ")}`);
  process.exit(2);
}
ensureBubblewrap();
ensureDependencies(root);
makeFrontDoor(root);
run(["turbo", "run", "build", "--output-logs=errors-only"]);
for (const command of commands) run([...command, ...(command === commands.at(-1) ? process.argv.slice(3) : [])]);
