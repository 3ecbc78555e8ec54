import { describe, expect, test } from "vitest";
import { connected, settle } from "./support/connected.ts";

describe("a notice that can not be understood ends the line, and processes learn why:", () => {
  test.each([
    ["process/output", { seq: 1, stream: "stdout", chunk: "AAA!AAAA" }],
    ["process/output", { seq: 0, stream: "stdout", chunk: "YQ==" }],
    ["process/output", { seq: 1.5, stream: "stdout", chunk: "YQ==" }],
    ["process/output", { seq: "1", stream: "stdout", chunk: "YQ==" }],
    ["process/output", { seq: 1, stream: "stdin", chunk: "YQ==" }],
    ["process/output", { seq: 1, stream: "stdout" }],
    ["process/exited", { seq: 1 }],
    ["process/exited", { seq: 1, exitCode: "0", sandboxDenied: false }],
    ["process/closed", {}],
    ["process/closed", { seq: -1 }],
  ])("%s %j", async (method, params) => {
    await using line = await connected();
    const process = await line.executor.processes.start({ argv: ["a"], processId: "p" });
    line.server.notify(method, { processId: "p", ...params });
    await expect(process.exited).rejects.toMatchObject({
      name: "LinkError",
      code: "malformed",
      message: expect.stringContaining(method),
    });
    expect(await line.executor.closed).toMatchObject({ initiator: "local", reason: expect.stringContaining(method) });
  });
});

describe("an answer that can not be understood", () => {
  test("to a start rejects, and the process that may be running is terminated", async () => {
    await using line = await connected({ "process/start": () => ({ processId: 7 }) });
    await expect(line.executor.processes.start({ argv: ["a"], processId: "p" })).rejects.toMatchObject({
      name: "InvalidMessageError",
      method: "process/start",
    });
    await settle();
    expect(line.server.of("process/terminate")).toEqual([{ processId: "p", includeDescendants: true }]);
    expect(line.server.closed).toBeUndefined();
  });

  test("to an open rejects, and the file that may be open is closed", async () => {
    await using line = await connected({ "fs/open": () => ({}) });
    await expect(line.executor.fs.open("/a")).rejects.toMatchObject({ name: "InvalidMessageError" });
    await settle();
    expect(line.server.of("fs/close")).toHaveLength(1);
  });

  test("to a read that fills a hole fails that process only", async () => {
    await using line = await connected({ "process/read": () => ({ chunks: "none" }) });
    const process = await line.executor.processes.start({ argv: ["a"], processId: "p" });
    line.server.output("p", 2, "x");
    await settle();
    await line.clock.advance(250);
    await expect(process.closed).rejects.toMatchObject({ name: "InvalidMessageError", method: "process/read" });
    expect(line.server.closed).toBeUndefined();
  });
});

test("a notice of an unknown kind is ignored", async () => {
  await using line = await connected();
  line.server.notify("process/resized", { processId: "p" });
  await settle();
  expect(line.server.closed).toBeUndefined();
});

test("unknown members of a notice are ignored", async () => {
  await using line = await connected();
  const process = await line.executor.processes.start({ argv: ["a"], processId: "p" });
  line.server.notify("process/exited", { processId: "p", seq: 1, exitCode: 2, sandboxDenied: false, newer: {} });
  expect(await process.exited).toEqual({ exitCode: 2, sandboxDenied: false });
});
