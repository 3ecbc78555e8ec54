import { connect } from "node:net";
import { until } from "@holdfast/testkit";
import { describe, expect, test } from "vitest";
import type { ExecutorOptions, LogFields } from "../../src/index.ts";
import { Line } from "./line.ts";

interface Told {
  readonly message: string;
  readonly fields: LogFields;
}

const NOT_THE_ID = /^[0-9a-f]{12}$/;

/** An executor whose records are kept, and a client of it. */
async function audited(options: Partial<ExecutorOptions> = {}) {
  const told: Told[] = [];
  const info = (message: string, fields: LogFields = {}): void => void told.push({ message, fields });
  const line = await Line.ready({ log: { debug: () => {}, warn: () => {}, info }, ...options });
  const of = (message: string) => told.filter((each) => each.message === message).map(({ fields }) => fields);
  return { line, told, of, [Symbol.asyncDispose]: () => line.executor.close() };
}

describe("the records of an executor", () => {
  test("tell who came, what was started, how it ended, and who left", async () => {
    await using rig = await audited();
    await rig.line.run("p", ["sh", "-c", "exit 3"]);
    await rig.line.hangUp();
    expect(rig.told.map(({ message }) => message)).toEqual([
      "client connected",
      "session opened",
      "command started",
      "command exited",
      "client disconnected",
      "session detached",
    ]);
    const session = expect.stringMatching(NOT_THE_ID);
    expect(rig.of("session opened")).toEqual([expect.objectContaining({ session, client: "test" })]);
    expect(rig.of("command started")).toEqual([
      expect.objectContaining({
        session,
        process: "p",
        program: "sh",
        arguments: 2,
        argv: undefined,
        cwd: "file:///",
        terminal: false,
        sandbox: "none",
        pid: expect.any(Number),
      }),
    ]);
    expect(rig.of("command exited")).toEqual([
      expect.objectContaining({ session, process: "p", exitCode: 3, seconds: expect.any(Number) }),
    ]);
  });

  test("hold neither the id of a session, nor arguments, nor variables, nor output", async () => {
    await using rig = await audited();
    await rig.line.run("p", ["sh", "-c", "echo $HUSHED; : quiet"], { env: { HUSHED: "still" } });
    const all = JSON.stringify(rig.told);
    for (const secret of [rig.line.sessionId, "quiet", "HUSHED", "still"]) expect(all).not.toContain(secret);
  });

  test("have the whole command where the operator asks for it", async () => {
    await using rig = await audited({ logsArguments: true });
    await rig.line.run("p", ["sh", "-c", "true"]);
    expect(rig.of("command started")).toEqual([expect.objectContaining({ argv: ["sh", "-c", "true"] })]);
  });

  test("tell who took the input of whose process, once", async () => {
    await using rig = await audited();
    const other = await Line.ready({}, rig.line.executor);
    await rig.line.start("p", ["cat"], { pipeStdin: true });
    const named = { sessionId: rig.line.sessionId, processId: "p" };
    for (let time = 0; time < 2; time += 1) await other.call("holdfast/takeInput", named);
    const [session, by] = rig.of("session opened").map((fields) => fields.session);
    expect(rig.of("input taken")).toEqual([expect.objectContaining({ session, process: "p", by })]);
    expect(session).not.toBe(by);
    expect(JSON.stringify(rig.told)).not.toContain(other.sessionId);
  });

  test("tell where it listens for whom, once, and who connects there", async () => {
    await using rig = await audited();
    const asked = { listenerId: "l", host: "127.0.0.1" };
    const { port } = await rig.line.call("holdfast/listen", asked);
    await rig.line.call("holdfast/listen", asked);
    const socket = connect({ host: "127.0.0.1", port });
    await rig.line.call("holdfast/acceptConnection", { listenerId: "l", processId: "c", waitMs: 10_000 });
    const from = { host: "127.0.0.1", port: String(socket.localPort) };
    socket.destroy();
    await rig.line.call("holdfast/closeStdin", { processId: "c" });
    await rig.line.when(() => rig.line.isClosed("c"));
    const session = expect.stringMatching(NOT_THE_ID);
    expect(rig.of("listening for a client")).toEqual([expect.objectContaining({ session, host: "127.0.0.1", port })]);
    expect(rig.of("connection accepted")).toEqual([expect.objectContaining({ session, process: "c", ...from })]);
    expect(rig.of("connection closed")).toEqual([expect.objectContaining({ process: "c", exitCode: 0 })]);
  });

  test("tell of a command that could not be started, and why", async () => {
    await using rig = await audited();
    await expect(rig.line.start("p", ["/nonexistent/program", "x"])).rejects.toThrow();
    expect(rig.of("command started")).toEqual([]);
    expect(rig.of("command not started")).toEqual([
      expect.objectContaining({ program: "/nonexistent/program", arguments: 1, reason: expect.stringMatching(/\w/) }),
    ]);
  });

  test("name a resumed session as before, and refuse to name one that is not known", async () => {
    await using rig = await audited();
    await rig.line.hangUp();
    await using _next = await Line.resume(rig.line.executor, rig.line.sessionId);
    const label = rig.of("session opened")[0]?.session;
    expect(rig.of("session resumed")).toEqual([expect.objectContaining({ session: label })]);
    await expect(Line.resume(rig.line.executor, "guessed")).rejects.toThrow("unknown session id");
    expect(rig.of("session not resumed")).toEqual([expect.not.objectContaining({ session: expect.anything() })]);
    expect(JSON.stringify(rig.told)).not.toContain("guessed");
  });

  test("tell of the exit of a command whose session has ended", async () => {
    await using rig = await audited({ limits: { detachedSessionTtlMs: 0 } });
    await rig.line.start("p", ["sleep", "600"]);
    await rig.line.hangUp();
    await until(() => rig.of("command exited").length === 1);
    expect(rig.of("session ended")).toEqual([
      expect.objectContaining({ reason: "its client did not come back in time" }),
    ]);
  });

  test("cost nothing where nobody wants them", async () => {
    await using line = await Line.ready({ log: { debug: () => {}, warn: () => {} } });
    expect(await line.run("p", ["echo", "here"])).toBe("here\n");
  });
});
