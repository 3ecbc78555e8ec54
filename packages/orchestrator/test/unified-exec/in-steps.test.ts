import { until } from "@holdfast/testkit";
import { describe, expect, test } from "vitest";
import {
  EnvironmentRegistry,
  type ExecEvent,
  execTools,
  type StepSnapshot,
  ThreadEnvironments,
  UnifiedExec,
} from "../../src/index.ts";
import { farExecutor } from "../support/far-executor.ts";
import { localExecutor } from "../support/local-executor.ts";
import { firstLook } from "./support/first-look.ts";

const WHERE = { cmd: "echo $MARK", environmentId: "far" };

/** Commands in the environments of a step. */
function commandsIn(step: () => StepSnapshot, events: ExecEvent[] = []): UnifiedExec {
  return new UnifiedExec({
    onEvent: (event) => events.push(event),
    environments: (id, signal) => step().at(id, signal),
    settings: { sandbox: "none", login: false },
  });
}

describe("commands of a step", () => {
  test("run where the step says, each by its own shell and in its own folder", async () => {
    await using local = localExecutor();
    await using far = await farExecutor();
    await using registry = new EnvironmentRegistry({ environments: [local.definition, { id: "far", url: far.url }] });
    await registry.require("far").executor();
    const thread = new ThreadEnvironments(registry, { localShell: { name: "sh", path: "/bin/sh" } });
    thread.select([
      { environmentId: "local", cwd: "/usr" },
      { environmentId: "far", cwd: "/tmp" },
    ]);
    using step = await thread.capture();
    await using exec = commandsIn(() => step);
    const farShell = (await step.at("far"))?.executor.environment.shell.path;
    const pwd = async (environmentId?: string) => (await exec.exec({ cmd: "pwd; echo $0", environmentId })).output;
    expect([await pwd(), await pwd("local"), await pwd("far")]).toEqual([
      "/usr\n/bin/sh\n",
      "/usr\n/bin/sh\n",
      `/tmp\n${farShell}\n`,
    ]);
    await expect(pwd("nope")).rejects.toThrow("unknown turn environment id `nope`");
    const [execCommand] = execTools(exec, { environmentIds: step.ready.map(({ id }) => id) });
    expect(execCommand.inputSchema.properties).toMatchObject({ environment_id: { enum: ["local", "far"] } });
  });

  test("run on where they were started, whatever is registered under the name meanwhile", async () => {
    await using before = await farExecutor({ env: { MARK: "before" } });
    await using after = await farExecutor({ env: { MARK: "after" } });
    await using registry = new EnvironmentRegistry();
    await registry.register({ id: "far", url: before.url }).executor();
    const thread = new ThreadEnvironments(registry);
    thread.select([{ environmentId: "far", cwd: "/" }]);
    let step = await thread.capture();
    const events: ExecEvent[] = [];
    await using exec = commandsIn(() => step, events);
    const cmd = "trap 'echo $MARK; exit 3' INT; echo ready; while :; do sleep 0.05; done";
    const { sessionId = 0 } = await firstLook({ exec, events }, { cmd, environmentId: "far" });
    await registry.register({ id: "far", url: after.url }).executor();
    expect((await exec.exec(WHERE)).output).toBe("before\n");
    step[Symbol.dispose]();
    step = await thread.capture();
    expect((await exec.exec(WHERE)).output).toBe("after\n");
    const { exitCode, output } = await exec.write({ sessionId, chars: "\u0003", yieldTimeMs: 10_000 });
    expect({ exitCode, output }).toEqual({ exitCode: 3, output: "before\n" });
    await until(() => before.line.openCount === 0);
    step[Symbol.dispose]();
  });

  test("tell of an environment that is away, and others go on", async () => {
    await using local = localExecutor();
    await using dead = await farExecutor();
    await dead.stop();
    await using registry = new EnvironmentRegistry({ environments: [local.definition, { id: "far", url: dead.url }] });
    await until(() => registry.report("far").status === "disconnected");
    const thread = new ThreadEnvironments(registry);
    thread.select([
      { environmentId: "far", cwd: "/" },
      { environmentId: "local", cwd: "/" },
    ]);
    using step = await thread.capture();
    await using exec = commandsIn(() => step);
    expect((await exec.exec({ cmd: "echo here" })).output).toBe("here\n");
    await expect(exec.exec(WHERE)).rejects.toMatchObject({
      code: "environment",
      message: expect.stringMatching(/^environment `far` failed: exec-server connection attempt failed: /),
    });
  });
});
