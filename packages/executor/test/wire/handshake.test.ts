import { describe, expect, test } from "vitest";
import { Line, newExecutor } from "./line.ts";

function refusal(code: number, message: string) {
  return expect.objectContaining({ name: "RemoteError", code, message });
}

describe("the handshake", () => {
  test.each([
    ["process/terminate", { processId: "p" }, "exec"],
    ["fs/readFile", { path: "file:///etc/hostname" }, "filesystem"],
    ["environment/info", undefined, "environment info"],
    ["environment/status", undefined, "environment status"],
  ])("comes before %s", async (method, params, family) => {
    await using line = new Line();
    await expect(line.call(method, params)).rejects.toThrow(
      refusal(-32600, `client must call initialize before using ${family} methods`),
    );
    await line.call("initialize", { clientName: "test" });
    await expect(line.call(method, params)).rejects.toThrow(
      refusal(-32600, `client must send initialized before using ${family} methods`),
    );
  });

  test("comes after the checks of method and params", async () => {
    await using line = new Line();
    await expect(line.call("foo/bar", {})).rejects.toThrow(
      expect.objectContaining({ code: -32601, message: expect.stringContaining("`foo/bar`") }),
    );
    await expect(line.call("process/terminate", {})).rejects.toThrow(refusal(-32602, "missing field `processId`"));
  });

  test("opens a session and tells the environment", async () => {
    await using line = new Line({ cwd: "/tmp", version: "1.2.3" });
    const { sessionId, environmentInfo } = await line.call("initialize", { clientName: "test", resumeSessionId: null });
    expect(sessionId).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(environmentInfo).toMatchObject({
      cwd: "file:///tmp",
      executorVersion: "1.2.3",
      platformOs: process.platform,
    });
    line.notify("initialized", {});
    expect(await line.call("environment/info")).toEqual(environmentInfo);
    expect(await line.call("environment/status")).toEqual({ status: "ready" });
  });

  test("happens once per connection", async () => {
    await using line = await Line.ready();
    await expect(line.call("initialize", { clientName: "again" })).rejects.toThrow(
      refusal(-32600, "initialize may only be sent once per connection"),
    );
  });

  test("that failed may be tried again", async () => {
    await using line = new Line();
    await expect(line.call("initialize", {})).rejects.toThrow(refusal(-32602, "missing field `clientName`"));
    await expect(line.call("initialize", { clientName: "test", resumeSessionId: "gone" })).rejects.toThrow(
      refusal(-32600, "unknown session id gone"),
    );
    await expect(line.call("initialize", { clientName: "test" })).resolves.toHaveProperty("sessionId");
  });

  test("gives sessions that cannot see each other's processes", async () => {
    const executor = newExecutor();
    await using one = await Line.ready({}, executor);
    const other = await Line.ready({}, executor);
    await one.start("p", ["sleep", "600"]);
    await expect(other.call("process/read", { processId: "p" })).rejects.toThrow(
      refusal(-32600, "unknown process id p"),
    );
    expect(await other.call("process/terminate", { processId: "p" })).toEqual({ running: false });
    expect(await one.call("process/terminate", { processId: "p" })).toEqual({ running: true });
  });
});

describe("a violation of the protocol", () => {
  test.each([
    ["a notice that no client sends", (line: Line) => line.notify("process/output", {}), /process\/output/],
    [
      "initialized before initialize",
      (line: Line) => line.notify("initialized", {}),
      /initialized arrived before initialize/,
    ],
  ])("closes the line with a reason: %s", async (_, violate, reason) => {
    await using line = new Line();
    violate(line);
    expect((await line.closed).reason).toMatch(reason);
  });

  test("by a second initialized is forgiven", async () => {
    await using line = await Line.ready();
    line.notify("initialized", {});
    expect(await line.call("environment/status")).toEqual({ status: "ready" });
  });
});
