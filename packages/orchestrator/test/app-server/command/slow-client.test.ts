import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { until } from "@holdfast/testkit";
import { expect, test } from "vitest";
import { openHost } from "../open-host.ts";

const FREE = { sandboxPolicy: { type: "dangerFullAccess" } } as const;
const MIB = 1_048_576;

test("a client that does not take the output of its command holds the command back, and nobody else", async () => {
  await using host = await openHost();
  await using client = await host.client();
  await using other = await host.client();
  const progress = join(host.folder, "progress");
  const printed = (): number => (existsSync(progress) ? Number(readFileSync(progress, "utf8")) || 0 : 0);
  const script = `i=0; while [ $i -lt 128 ]; do head -c ${MIB} /dev/zero; i=$((i+1)); echo $i > ${progress}; done`;
  let told = 0;
  client.on("command/exec/outputDelta", ({ deltaBase64 }) => {
    told += Buffer.from(deltaBase64, "base64").length;
  });
  const hold = client.hold();
  const how = { processId: "f", streamStdoutStderr: true, disableOutputCap: true, disableTimeout: true } as const;
  const run = client.command.exec({ ...FREE, ...how, command: ["sh", "-c", script] });
  // It comes to rest long before its end.
  let last = -1;
  await until(
    () => {
      const now = printed();
      const rests = now > 0 && now === last;
      last = now;
      return rests;
    },
    { intervalMs: 250 },
  );
  expect(last).toBeLessThan(64);
  expect(await other.command.exec({ ...FREE, command: ["echo", "free"] })).toMatchObject({ stdout: "free\n" });
  expect(printed()).toBeLessThan(64);
  hold[Symbol.dispose]();
  expect(await run).toMatchObject({ exitCode: 0 });
  expect(told).toBe(128 * MIB);
});
