import { dirname, join } from "node:path";
import { startHoldfastExecutor } from "../holdfast-executor.ts";
import { makePlayground, type Playground } from "../sandbox/playground.ts";
import type { ServedExecutor } from "../served-executor.ts";
import { type ProgramOptions, type ProgramResult, runProgram } from "./program.ts";

/** What an attack may use. Everything lies in the playground. */
export interface AttackContext {
  readonly playground: Playground;
  /** For our program and for executors: the playground's home and temporary folder. */
  readonly env: Readonly<Record<string, string>>;
  /** Run our command line in the workspace. */
  holdfast(args: readonly string[], options?: Partial<ProgramOptions>): Promise<ProgramResult>;
  /** Run a shell script in the workspace, confined to it. Resolves to all that it printed. */
  confined(script: string, options?: readonly string[]): Promise<string>;
  /** Start `holdfast serve`. The attack disposes of it. */
  serve(options?: { readonly args?: readonly string[] }): Promise<ServedExecutor>;
}

/** One thing that an attacker would try against our program. */
export interface Attack {
  /** Unique, of the form `family.name`. */
  readonly id: string;
  /** What holds, as a sentence. */
  readonly sentence: string;
  /** Part of the short form. */
  readonly essential: boolean;
  /** It takes two users: only root can play both. */
  readonly needsRoot?: boolean;
  /** Throws when the attack succeeds. */
  run(context: AttackContext): Promise<void>;
}

/** @param uid - Who runs everything. */
export async function runAttack(attack: Attack, uid: number): Promise<void> {
  await using playground = await makePlayground(uid);
  // What the executor keeps of its own is not among what must not appear.
  const state = join(dirname(playground.home), "state");
  const env = { TMPDIR: playground.temporary, HOME: playground.home, XDG_STATE_HOME: state, XDG_CACHE_HOME: state };
  const holdfast: AttackContext["holdfast"] = (args, options) =>
    runProgram(args, { cwd: playground.workspace, ...options, env: { ...env, ...options?.env } });
  await attack.run({
    playground,
    env,
    holdfast,
    serve: ({ args } = {}) => startHoldfastExecutor(playground.home, { env, ...(args === undefined ? {} : { args }) }),
    async confined(script, options = []) {
      const { stdout, stderr } = await holdfast(["sandbox", ...options, "--", "/bin/sh", "-c", script]);
      return `${stdout}${stderr}`;
    },
  });
}
