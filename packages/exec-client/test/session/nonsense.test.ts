import {
  answersGarbage,
  answersUnknownIds,
  floodNotices,
  GARBAGE,
  tellOfUnknownProcesses,
} from "@holdfast/testkit/servers";
import { describe, expect, test } from "vitest";
import { collectAll, connected, settle } from "../support/connected.ts";
import { recoverable } from "../support/dialler.ts";

const file = { "fs/readFile": () => ({ dataBase64: "YQ==" }) };

describe("what nobody asked for", () => {
  test.each(Object.entries(GARBAGE))("instead of an answer (%s) ends the line, in words", async (_, frame) => {
    await using line = await connected(answersGarbage("fs/readFile", frame));
    const process = await line.executor.processes.start({ argv: ["a"] });
    const lost = { name: "LinkError", message: expect.stringContaining("unreadable message") };
    await expect(line.executor.fs.readFile("/a")).rejects.toMatchObject({ ...lost, delivery: "unknown" });
    await expect(process.closed).rejects.toMatchObject({ ...lost, code: "malformed" });
    expect(line.executor.state).toBe("failed");
    expect(line.clock.pendingTimers).toBe(0);
    await settle();
    expect(line.server.closed).toBeDefined();
  });

  test("instead of an answer is asked for again on the next line; what changes something is not", async () => {
    const frame = "nonsense";
    await using line = await recoverable(file);
    line.dialler.last.on("fs/readFile", (_, server) => server.sendText(frame));
    expect(await line.executor.fs.readTextFile("/a")).toBe("a");
    line.dialler.last.on("fs/writeFile", (_, server) => server.sendText(frame));
    const failed = { code: "closed", delivery: "unknown", method: "fs/writeFile" };
    await expect(line.executor.fs.writeFile("/a", "x")).rejects.toMatchObject(failed);
  });

  test("instead of the first answer is a failed handshake", async () => {
    await expect(connected(answersGarbage("initialize", "nonsense"))).rejects.toMatchObject({
      name: "LinkError",
      method: "initialize",
      message: expect.stringContaining("unreadable message"),
    });
  });

  test("answers to unknown calls are dropped; the true one counts", async () => {
    await using line = await connected({ "fs/readFile": answersUnknownIds(file["fs/readFile"]) });
    expect(await line.executor.fs.readTextFile("/a")).toBe("a");
    expect(await line.executor.fs.readTextFile("/a")).toBe("a");
    expect(line.executor.state).toBe("connected");
  });

  test("notices of unknown processes are dropped and leave nothing behind", async () => {
    await using line = await connected();
    const process = await line.executor.processes.start({ argv: ["a"], processId: "p" });
    tellOfUnknownProcesses(line.server);
    line.server.exited("p", 1);
    line.server.finished("p", 2);
    tellOfUnknownProcesses(line.server);
    expect(await process.closed).toMatchObject({ exitCode: 0 });
    await settle();
    expect(line.server.of("process/terminate")).toEqual([]);
    expect(line.clock.pendingTimers).toBe(0);
    expect(line.executor.state).toBe("connected");
  });

  test("a flood of unknown notices delays what follows and harms nothing", async () => {
    await using line = await connected({
      "fs/readFile": (_, server) => {
        floodNotices(server, 50_000);
        return { dataBase64: "YQ==" };
      },
    });
    expect(await line.executor.fs.readTextFile("/a")).toBe("a");
    expect(line.executor.state).toBe("connected");
  });
});

test("a consumer that does not read keeps no other from its events, and loses none of its own", async () => {
  await using line = await connected();
  const slow = await line.executor.processes.start({ argv: ["a"], processId: "slow" });
  const quick = await line.executor.processes.start({ argv: ["a"], processId: "quick" });
  const unread = slow.events();
  const first = unread.next();
  const events = collectAll(quick.events());
  floodNotices(line.server, 10_000, { processId: "slow", firstSeq: 1 });
  floodNotices(line.server, 100, { processId: "quick", firstSeq: 1 });
  line.server.exited("quick", 101);
  line.server.finished("quick", 102);
  expect(await events).toHaveLength(102);
  expect(await quick.closed).toMatchObject({ exitCode: 0 });
  line.server.exited("slow", 10_001);
  line.server.finished("slow", 10_002);
  expect(await first).toMatchObject({ value: { seq: 1 } });
  expect(await collectAll(unread)).toHaveLength(10_001);
});
