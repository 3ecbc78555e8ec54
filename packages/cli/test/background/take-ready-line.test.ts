import { once } from "node:events";
import { createServer } from "node:net";
import { RecordingReceiver } from "@holdfast/rpc/testing";
import { FakeClock, tempDir, until } from "@holdfast/testkit";
import { expect, test } from "vitest";
import { READY, takeWords } from "../../src/background/greeting.ts";
import { takeReadyLine } from "../../src/background/take-ready-line.ts";

test("a background connection that hangs behind an open socket is noticed, and it is asked before", async () => {
  await using folder = await tempDir();
  const socket = folder.join("socket");
  let said = "";
  const server = createServer((client) => {
    client.write(READY);
    client.on("data", (chunk) => {
      said += chunk.toString();
    });
    client.on("error", () => {});
  });
  server.listen(socket);
  await once(server, "listening");
  const clock = new FakeClock();
  const port = await takeReadyLine({ socket, way: "there", folder: "/" }, clock);
  const receiver = new RecordingReceiver();
  port?.open(receiver);
  port?.askForSigns?.(() => port.send("are you there?"));
  await clock.advance(30_000);
  await until(() => said.includes("are you there?\n"));
  expect(said.startsWith(takeWords("there"))).toBe(true);
  expect(receiver.closes).toEqual([]);
  for (let second = 0; second < 120; second += 1) await clock.advance(1_000);
  await until(() => receiver.closes.length > 0);
  expect(receiver.closes).toMatchObject([
    { initiator: "fault", reason: "nothing was heard from the peer for 60000 ms" },
  ]);
  server.close();
});
