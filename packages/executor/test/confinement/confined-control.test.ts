import { readFileSync } from "node:fs";
import { until } from "@holdfast/testkit";
import { describe, expect, test } from "vitest";
import { base64, Line } from "../wire/line.ts";
import { canConfine, type Workspace, workspace, workspaceWrite } from "./sandbox.ts";

interface Started {
  readonly holdfast: { readonly pid: number };
}

function start(line: Line, folder: Workspace, argv: readonly string[], more: object = {}): Promise<Started> {
  const sandbox = workspaceWrite(folder.path);
  return line.start("p", argv, { cwd: folder.uri, sandbox, holdfast: {}, ...more }) as Promise<Started>;
}

async function ended(line: Line): Promise<number> {
  await line.when(() => line.isClosed("p"));
  return Number(line.of("p").find(({ method }) => method === "process/exited")?.params.exitCode);
}

async function says(line: Line, text: string): Promise<void> {
  await line.when(() => line.text("p").includes(text));
}

const kinds = [
  ["pipes", {}, 137],
  // Behind a terminal a death by signal is plain failure.
  ["a terminal", { tty: true }, 1],
] as const;

describe.skipIf(!canConfine)("a confined command", () => {
  test.each(kinds)(
    "behind %s has the id by which this machine knows it, not what confines it",
    async (_, more, killed) => {
      using folder = workspace();
      await using line = await Line.ready();
      const { pid } = (await start(line, folder, ["sleep", "600"], more)).holdfast;
      await until(() => readFileSync(`/proc/${pid}/cmdline`, "latin1") === "sleep\u0000600\u0000");
      expect((await line.call("holdfast/listProcesses", {})).processes).toMatchObject([{ processId: "p", pid }]);
      await line.call("process/terminate", { processId: "p" });
      expect(await ended(line)).toBe(killed);
      const [listed] = (await line.call("holdfast/listProcesses", {})).processes;
      expect(listed).not.toHaveProperty("pid");
    },
  );

  test("that ends at once has an id or none, and its start is answered", async () => {
    using folder = workspace();
    await using line = await Line.ready();
    const { holdfast } = await start(line, folder, ["true"]);
    expect(["number", "undefined"]).toContain(typeof holdfast.pid);
    expect(await ended(line)).toBe(0);
  });

  test.each(kinds)("behind %s takes a signal, and what confines it does not die of it", async (_, more) => {
    using folder = workspace();
    await using line = await Line.ready();
    const script = "exec 2>/dev/null; trap 'echo got; exit 7' USR1; echo ready; while :; do sleep 0.01; done";
    await start(line, folder, ["bash", "-c", script], more);
    await says(line, "ready");
    const answer = await line.call("holdfast/signalProcess", { processId: "p", signal: "SIGUSR1" });
    expect(answer).toEqual({ delivered: true });
    expect(await ended(line)).toBe(7);
    expect(line.text("p")).toContain("got");
  });

  test("that was stopped can be ended", async () => {
    using folder = workspace();
    await using line = await Line.ready();
    const { pid } = (await start(line, folder, ["sleep", "600"])).holdfast;
    await line.call("holdfast/signalProcess", { processId: "p", signal: "SIGSTOP" });
    await until(() => /^State:\s+T/m.test(readFileSync(`/proc/${pid}/status`, "utf8")));
    await line.call("process/terminate", { processId: "p" });
    expect(await ended(line)).toBe(137);
  });

  test("has an end to its input", async () => {
    using folder = workspace();
    await using line = await Line.ready();
    await start(line, folder, ["cat"], { pipeStdin: true });
    await line.call("process/write", { processId: "p", writeId: "1", chunk: base64("hello") });
    await line.call("holdfast/closeStdin", { processId: "p" });
    expect([await ended(line), line.text("p")]).toEqual([0, "hello"]);
  });

  test("has a terminal of the size that was asked for, and is told of another", async () => {
    using folder = workspace();
    await using line = await Line.ready();
    const script = "trap 'stty size; exit' WINCH; stty size; while :; do sleep 0.01; done";
    const holdfast = { terminal: { rows: 50, columns: 132 } };
    await start(line, folder, ["bash", "-c", script], { tty: true, holdfast });
    await says(line, "50 132\r\n");
    await line.call("holdfast/resizeTerminal", { processId: "p", rows: 30, columns: 90 });
    expect(await ended(line)).toBe(0);
    expect(line.text("p")).toContain("30 90\r\n");
  });

  test("has an end of file on its terminal", async () => {
    using folder = workspace();
    await using line = await Line.ready();
    await start(line, folder, ["sh", "-c", "stty -echo; echo ready; cat; echo after"], { tty: true });
    await says(line, "ready");
    await line.call("process/write", { processId: "p", writeId: "1", chunk: base64("part") });
    await line.call("holdfast/closeStdin", { processId: "p" });
    expect(await ended(line)).toBe(0);
    expect(line.text("p")).toBe("ready\r\npartafter\r\n");
  });
});
