import { connect } from "@holdfast/exec-client";
import { UnifiedExec } from "@holdfast/orchestrator";
import type { Row } from "../row.ts";
import { median } from "../statistics.ts";

/** A command of an agent may cost this much beside the same command by the client. */
const SHARE = 0.15;
const SHELL = "/bin/sh";
/** Compiled code is compared, not how soon it is compiled. */
const WARM_UPS = 100;

/** `exec_command` beside `executor.run` of the same shell, in turns. */
export const agentCommand: Row = {
  id: "agent-command",
  title: "`exec_command`, time from its start to its result beside `executor.run`",
  unit: "x",
  target: 1 + SHARE,
  better: "lower",
  async measure({ target, scratch, smoke, note }) {
    await using executor = await connect(target.url);
    await using exec = new UnifiedExec({
      environments: () => ({ id: "bench", executor, cwd: scratch, isRemote: true }),
      settings: { sandbox: "none", login: false },
    });
    const runs: number[] = [];
    const calls: number[] = [];
    for (let index = smoke ? 0 : -WARM_UPS; index < (smoke ? 3 : 2 * WARM_UPS); index++) {
      const begin = performance.now();
      await executor.run([SHELL, "-c", "true"], { cwd: scratch });
      const between = performance.now();
      const { exitCode } = await exec.exec({ cmd: "true", shell: SHELL });
      if (exitCode !== 0) throw new Error(`the command ended with ${exitCode}`);
      if (index < 0) continue;
      runs.push(between - begin);
      calls.push(performance.now() - between);
    }
    note(`${median(calls).toFixed(2)} ms against ${median(runs).toFixed(2)} ms`);
    return median(calls) / median(runs);
  },
};
