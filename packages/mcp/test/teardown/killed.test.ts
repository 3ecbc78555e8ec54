import { spawn } from "node:child_process";
import { on, once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { connect } from "@holdfast/exec-client";
import { BadLine, tempDir, until } from "@holdfast/testkit";
import { describe, expect, test } from "vitest";
import { Places, servedExecutor } from "../support/places.ts";
import { mcpServers } from "../support/servers.ts";
import { living, stub } from "../support/stub.ts";

const PROGRAM = fileURLToPath(new URL("../support/killed-program.ts", import.meta.url));
/** Within which nothing may be left of a program that was killed, and what a busy machine may take besides, milliseconds. */
const GONE_WITHIN_MS = 3_000;
const MARGIN_MS = 2_000;

describe.skipIf(process.platform !== "linux")("servers of a program that is killed", { timeout: 60_000 }, () => {
  test("are gone 3 s later, here and on the executor, with all that they started, in the middle of a refresh", async () => {
    await using folder = await tempDir();
    await using far = await servedExecutor();
    const pids = folder.join("pids");
    const program = spawn(process.execPath, [PROGRAM, pids, far.url], { stdio: ["ignore", "pipe", "inherit"] });
    const exited = once(program, "exit");
    try {
      const rounds = on(createInterface({ input: program.stdout }), "line");
      for await (const [round] of rounds) if (round === "5") break;
      const [here, there] = ["local", "far"].map((place) => living(pids, (label) => label.startsWith(place)));
      // Those of the last set, and those of older ones that take their time.
      expect(here?.length).toBeGreaterThan(8);
      expect(there?.length).toBeGreaterThan(8);
      program.kill("SIGKILL");
      await exited;
      await until(() => living(pids).length === 0, {
        deadlineMs: GONE_WITHIN_MS + MARGIN_MS,
        what: () => `nothing left; living: ${living(pids)}`,
      });
    } finally {
      program.kill("SIGKILL");
    }
    // The executor is there for others, and nothing of the servers that it had is.
    await using executor = await connect(far.url);
    expect((await executor.run(["echo", "there"], { cwd: "/" })).stdout).toBe("there\n");
  });

  test("live on through a line that is cut and dialled again, and are gone when it stays away", async () => {
    await using folder = await tempDir();
    await using far = await servedExecutor();
    await using line = await BadLine.to(far.url);
    await using environments = new Places();
    environments.set("far", await connect(line.url));
    await using servers = mcpServers({ environments });
    const pids = folder.join("pids");
    const manager = await servers.refresh([stub("daemon", { pids, environmentId: "far" })]);
    const before = await manager.callTool("daemon", "pid", {});
    await until(() => living(pids).length === 2);
    line.cut();
    expect(await manager.callTool("daemon", "pid", {})).toEqual(before);
    expect(living(pids)).toHaveLength(2);
    line.refuse();
    line.cut();
    await until(() => living(pids).length === 0, { deadlineMs: GONE_WITHIN_MS + MARGIN_MS });
    line.admit();
    await until(() => manager.server("daemon").state === "failed");
    await expect(manager.callTool("daemon", "pid", {})).rejects.toThrow(
      /^failed to get client: MCP client for `daemon` failed: /,
    );
    // A refresh starts what has failed anew.
    const next = await servers.refresh([stub("daemon", { pids, environmentId: "far" })]);
    expect(await next.callTool("daemon", "pid", {})).not.toEqual(before);
  });
});
