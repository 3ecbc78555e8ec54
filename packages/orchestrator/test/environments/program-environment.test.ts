import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { isAlive, tempDir, until } from "@holdfast/testkit";
import { describe, expect, test } from "vitest";
import { EnvironmentRegistry } from "../../src/index.ts";
import { farExecutor } from "../support/far-executor.ts";

function script(name: string): string {
  return fileURLToPath(new URL(`../support/${name}`, import.meta.url));
}

/** Programs that are started by an environment, each of which writes down its process id. */
async function started(file: string): Promise<readonly number[]> {
  return (await readFile(file, "utf8").catch(() => "")).split("\n").filter(Boolean).map(Number);
}

describe("a program that is the executor", () => {
  test("has failed when it is gone, and is started again only where that is asked for", async () => {
    await using folder = await tempDir("program-");
    const definition = { program: process.execPath, env: { WORD: "given" }, cwd: folder.path };
    const argsOf = (name: string) => [script("stdio-executor.mjs"), folder.join(name)];
    const environments = [{ ...definition, id: "box", args: argsOf("pids") }];
    const programEnv = { PATH: process.env.PATH, OTHER: "inherited" };
    await using once = new EnvironmentRegistry({ environments, programEnv });
    const handle = once.require("box");
    const executor = await handle.executor();
    const { stdout } = await executor.sh('echo "$WORD $OTHER $PWD $HOME"');
    expect(stdout).toBe(`given inherited ${folder.path} \n`);
    const [pid = 0] = await started(folder.join("pids"));
    process.kill(pid, "SIGKILL");
    await until(() => handle.status.state === "failed");
    expect(handle.status.error).toMatch(/^exec-server transport closed/);
    await expect(handle.executor()).rejects.toMatchObject({ code: "failed", message: handle.status.error });
    // The one that was to resume what is gone is not left behind.
    await until(async () => !(await started(folder.join("pids"))).some(isAlive));
    const count = (await started(folder.join("pids"))).length;
    await expect(handle.executor()).rejects.toMatchObject({ code: "failed" });
    expect(await started(folder.join("pids"))).toHaveLength(count);
    await using again = new EnvironmentRegistry({
      environments: [{ ...definition, id: "box", args: argsOf("again") }],
      programEnv,
      retryFailedStart: true,
    });
    const patient = again.require("box");
    await patient.executor();
    const [first = 0] = await started(folder.join("again"));
    process.kill(first, "SIGKILL");
    await until(() => patient.status.state === "failed");
    expect((await (await patient.executor()).run(["echo", "anew"])).stdout).toBe("anew\n");
  });

  test("ends with its registry, and what runs in it", async () => {
    await using folder = await tempDir("program-");
    const registry = new EnvironmentRegistry({
      environments: [
        { id: "box", program: process.execPath, args: [script("stdio-executor.mjs"), folder.join("pids")] },
      ],
      programEnv: { PATH: process.env.PATH },
    });
    const executor = await registry.require("box").executor();
    const sleeping = await executor.processes.start({ argv: ["sleep", "300"] });
    const [pid = 0] = await started(folder.join("pids"));
    await registry.close();
    await until(() => !isAlive(pid) && !(sleeping.pid !== undefined && isAlive(sleeping.pid)));
  });
});

test("a program that leads to an executor that outlives it is started again, and what runs there goes on", async () => {
  await using folder = await tempDir("program-");
  await using far = await farExecutor();
  await using registry = new EnvironmentRegistry({
    environments: [
      { id: "box", program: process.execPath, args: [script("way-to-executor.mjs"), folder.join("pids"), far.url] },
    ],
    programEnv: { PATH: process.env.PATH },
  });
  const handle = registry.require("box");
  const executor = await handle.executor();
  const cat = await executor.processes.start({ argv: ["cat"], stdin: "pipe" });
  const [pid = 0] = await started(folder.join("pids"));
  process.kill(pid, "SIGKILL");
  await until(async () => (await started(folder.join("pids"))).length === 2);
  await cat.write("still there\n");
  for await (const line of cat.lines()) {
    expect(line).toBe("still there");
    break;
  }
  expect(handle.status.state).toBe("ready");
  expect(await handle.executor()).toBe(executor);
});
