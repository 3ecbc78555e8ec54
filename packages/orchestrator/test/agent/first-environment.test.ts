import { once } from "node:events";
import { existsSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { join } from "node:path";
import { FakeClock, tempDir, until } from "@holdfast/testkit";
import { describe, expect, test } from "vitest";
import { readyEnvironment } from "../../src/agent/turn/ready-environment.ts";
import { EnvironmentRegistry } from "../../src/index.ts";
import { localExecutor } from "../support/local-executor.ts";
import { openThread } from "./support/open-thread.ts";
import { calls, scriptedModel } from "./support/scripted-model.ts";

describe("the first environment of a turn", () => {
  test("that is not there fails the turn: nothing is done on the next one in its place", async () => {
    await using folder = await tempDir();
    await using local = localExecutor({ cwd: folder.path });
    const url = `ws://127.0.0.1:${await unusedPort()}`;
    await using environments = new EnvironmentRegistry({
      environments: [local.definition, { id: "far", url }],
      defaultId: "far",
    });
    const done = join(folder.path, "done");
    await using model = await scriptedModel([calls("exec_command", { cmd: `touch ${done}`, login: false })]);
    await using thread = await openThread({
      config: model.config(),
      services: { environments },
      settings: {
        environments: ["far", "local"].map((environmentId) => ({ environmentId, cwd: folder.path })),
      },
    });
    const outcome = await thread.turn("do it");
    expect(outcome).toMatchObject({
      status: "failed",
      error: {
        message: expect.stringMatching(
          /^environment `far` is not there, and nothing is done elsewhere in its place: ./,
        ),
      },
    });
    expect(model.calls).toHaveLength(0);
    expect(existsSync(done)).toBe(false);
  });

  test("is waited for, but not for ever", async () => {
    const clock = new FakeClock();
    const waiting = readyEnvironment(
      {
        id: "far",
        executor: (signal) =>
          new Promise((_, reject) => {
            signal?.addEventListener("abort", () => reject(signal.reason));
          }),
      },
      { clock, signal: new AbortController().signal },
    );
    const failed = expect(waiting).rejects.toThrow(/: not connected within 30000 ms$/);
    await until(() => clock.pendingTimers === 1);
    await clock.advance(30_000);
    await failed;
  });

  test("is waited for no longer than the turn goes on", async () => {
    const interrupt = new AbortController();
    const waiting = readyEnvironment(
      {
        id: "far",
        executor: (signal) =>
          new Promise((_, reject) => {
            signal?.addEventListener("abort", () => reject(signal.reason));
          }),
      },
      { clock: new FakeClock(), signal: interrupt.signal },
    );
    const failed = expect(waiting).rejects.toThrow("enough");
    interrupt.abort(new Error("enough"));
    await failed;
  });
});

async function unusedPort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}
