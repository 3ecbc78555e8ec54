import { fileURLToPath } from "node:url";
import { BadLine, FakeClock, until } from "@holdfast/testkit";
import { expect, test } from "vitest";
import { serve } from "../support/cli.ts";

/** What the manifest of the published package names for browsers. */
const entry = new URL("../../../exec-client/dist/browser/index.js", import.meta.url);

test("a page that waits for a process notices that its connection went silent, and goes on by another one", async () => {
  const { connect } = (await import(fileURLToPath(entry))) as typeof import("@holdfast/exec-client");
  await using server = await serve();
  await using line = await BadLine.to(server.url);
  const clock = new FakeClock();
  await using executor = await connect(line.url, { clock, processConnections: "shared" });
  const process = await executor.processes.start({ argv: ["cat"], stdin: "pipe" });
  for (let quiet = 0; quiet < 12; quiet += 1) {
    await clock.advance(10_000);
    await executor.environmentInfo();
  }
  expect(line.connectionCount).toBe(1);
  line.stall();
  let silentMs = 0;
  for (; silentMs < 200_000 && executor.state === "connected"; silentMs += 1_000) await clock.advance(1_000);
  expect(silentMs).toBeLessThanOrEqual(100_000);
  // The executor knows of the end by now, as its own pings would tell it, and lets the session go.
  line.cut();
  await until(async () => {
    await clock.advance(50);
    return executor.state === "connected";
  });
  await process.closeStdin();
  expect(await process.closed).toMatchObject({ exitCode: 0 });
});
