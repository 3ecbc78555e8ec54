import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { ScenarioContext, ServeOptions } from "../scenario.ts";
import type { ServedExecutor } from "../served-executor.ts";
import { WireLine } from "../wire-line.ts";
import { contextFor, workspaceWrite } from "./columns.ts";
import { makePlayground, type Playground } from "./playground.ts";
import { type Attempt, parseAnswers, probeProgram } from "./probe.ts";
import { environmentOf, namesOf, type Ran, runConfined } from "./run-column.ts";

/** A hostile command's place: an executor, and a sandbox that may write the workspace, `/tmp` and `$TMPDIR`. */
export interface Cage {
  readonly playground: Playground;
  readonly executor: ServedExecutor;
  readonly line: WireLine;
  readonly sandbox: Readonly<Record<string, unknown>>;
  /** Run a command in the sandbox to its end. */
  run(argv: readonly string[], params?: CageParams, timeoutMs?: number): Promise<Ran>;
  shell(script: string, params?: CageParams, timeoutMs?: number): Promise<Ran>;
  /** Try Perl subs in the sandbox. Answers by id. */
  attempt(attempts: Readonly<Record<string, string>>, params?: CageParams): Promise<Map<string, string>>;
}

export interface CageParams {
  readonly env?: Readonly<Record<string, string>>;
  readonly tty?: boolean;
  readonly sandbox?: Readonly<Record<string, unknown>>;
}

/**
 * What is tried in a cage does harm outside one, most of all as root: it is not let loose before the cage is known to hold.
 *
 * @throws AssertionError when a command has capabilities, no filter, or the run of the disk.
 */
async function assertConfined({ shell, playground }: Cage): Promise<void> {
  const marker = join(playground.outside, "unconfined");
  const { output } = await shell(`grep -E '^(CapEff|Seccomp):' /proc/self/status; : > ${marker}`);
  // The shell's complaint may come before, between or after.
  const isConfined = /^CapEff:\t0{16}$/m.test(output) && /^Seccomp:\t2$/m.test(output);
  assert.ok(isConfined, "commands are not confined");
  assert.ok(!existsSync(marker), "commands write outside");
}

/** Start an executor and let `body` be hostile to it. Everything is gone afterwards. */
export async function inCage(
  context: ScenarioContext,
  body: (cage: Cage) => Promise<void>,
  options: ServeOptions = {},
): Promise<void> {
  await using playground = await makePlayground(process.getuid?.() ?? 0);
  await using executor = await context.serve({
    ...options,
    env: { TMPDIR: playground.temporary, HOME: playground.home, ...options.env },
  });
  await using line = await WireLine.open(executor.url);
  const sandbox = contextFor(playground.workspace, workspaceWrite());
  const run: Cage["run"] = (argv, params = {}, timeoutMs) =>
    runConfined(
      line,
      playground.workspace,
      { argv, sandbox, ...params, env: { ...environmentOf(playground), ...params.env } },
      timeoutMs,
    );
  const cage: Cage = {
    playground,
    executor,
    line,
    sandbox,
    run,
    shell: (script, params, timeoutMs) => run(["/bin/sh", "-c", script], params, timeoutMs),
    async attempt(attempts, params) {
      const list: Attempt[] = Object.entries(attempts).map(([id, perl]) => ({ id, perl }));
      const names = { ...namesOf(playground), executor: executor.pid };
      const ran = await run(["/usr/bin/perl", "-e", probeProgram(list, names)], params);
      const answers = parseAnswers(ran.output.replaceAll("\r", ""));
      assert.equal(answers.size, list.length, `the probe ended with ${ran.exitCode}: ${ran.output.slice(-300)}`);
      return answers;
    },
  };
  await assertConfined(cage);
  await body(cage);
}

const LET_THROUGH = new Set(["ok", "yes"]);

/** @throws AssertionError naming every attempt that was let through. */
export function assertContained(answers: ReadonlyMap<string, string>): void {
  const through = [...answers].filter(([, answer]) => LET_THROUGH.has(answer)).map(([id]) => id);
  assert.deepEqual(through, [], `let through: ${through.join(", ")}`);
}

/** Names and contents of a folder's files, as one text. */
export async function snapshotOf(folder: string): Promise<string> {
  const names = (await readdir(folder, { recursive: true, withFileTypes: true })).map((entry) =>
    join(entry.parentPath, entry.name),
  );
  const contents = names.sort().map(async (name) => `${name}: ${await readFile(name, "utf8").catch(() => "-")}`);
  return (await Promise.all(contents)).join("\n");
}
