import { until } from "@holdfast/testkit";
import { describe, expect, test } from "vitest";
import type { ExecEvent } from "../../src/index.ts";
import { workshop } from "./support/machine.ts";

/** The text of all output events. */
function printed(events: readonly ExecEvent[]): string {
  return Buffer.concat(events.flatMap((event) => (event.type === "output" ? [event.data] : []))).toString();
}

describe("the events of a command", () => {
  test("tell its beginning, its output and its end, once each", async () => {
    await using at = await workshop({ numbering: "counting" });
    await at.exec.exec({ cmd: "echo hi; exit 3", workdir: "/" }, { callId: "call_1" });
    await until(() => at.events.at(-1)?.type === "end");
    expect(at.events).toEqual([
      {
        type: "begin",
        callId: "call_1",
        environmentId: "here",
        argv: [at.executor.environment.shell.path, "-c", "echo hi; exit 3"],
        command: "echo hi; exit 3",
        cwd: "/",
      },
      { type: "started", callId: "call_1", processId: 1_000, sandboxed: false },
      { type: "output", callId: "call_1", processId: 1_000, stream: "stdout", data: expect.anything() },
      { type: "exited", callId: "call_1", processId: 1_000, exitCode: 3 },
      {
        type: "end",
        callId: "call_1",
        processId: 1_000,
        status: "failed",
        exitCode: 3,
        aggregatedOutput: "hi\n",
        durationMs: expect.any(Number),
      },
    ]);
  });

  test("tell what is written to it, and its end although nobody looks", async () => {
    await using at = await workshop();
    const call = { callId: "call_1" };
    const { sessionId = 0 } = await at.exec.exec(
      { cmd: "stty -echo; echo ready; read line; echo got $line", tty: true, yieldTimeMs: 250 },
      call,
    );
    await until(() => printed(at.events).includes("ready"));
    await at.exec.write({ sessionId, chars: "x\n" }, { callId: "call_2" });
    await until(() => at.events.at(-1)?.type === "end");
    expect(at.events.filter(({ type }) => type === "input")).toEqual([
      { type: "input", callId: "call_1", processId: sessionId, chars: "x\n" },
    ]);
    expect(at.events.at(-1)).toMatchObject({
      callId: "call_1",
      status: "completed",
      aggregatedOutput: "ready\r\ngot x\r\n",
    });
  });

  test("tell an exit first, and then what it has left in the background goes on to print", async () => {
    await using at = await workshop();
    const gate = at.folder.join("gate");
    const cmd = `echo now; (until [ -e ${gate} ]; do sleep 0.02; done; echo late) &`;
    expect(await at.exec.exec({ cmd })).toMatchObject({ exitCode: 0, output: "now\n" });
    expect(at.events.at(-1)?.type).toBe("exited");
    await at.executor.fs.writeTextFile(gate, "");
    await until(() => at.events.at(-1)?.type === "end");
    expect(at.events.map(({ type }) => type)).toEqual(["begin", "started", "output", "exited", "output", "end"]);
    expect(printed(at.events)).toBe("now\nlate\n");
    expect(at.events.at(-1)).toMatchObject({ status: "completed", aggregatedOutput: "now\nlate\n" });
  });

  test("tell a start that failed", async () => {
    await using at = await workshop();
    await expect(at.exec.exec({ cmd: "true", workdir: "missing" })).rejects.toThrow();
    expect(at.events.map(({ type }) => type)).toEqual(["begin", "end"]);
    expect(at.events.at(-1)).toMatchObject({ status: "failed", processId: undefined, aggregatedOutput: "" });
  });

  test("tell the end of a command that is ended with all others", async () => {
    await using at = await workshop();
    await at.exec.exec({ cmd: "exec sleep 1000", yieldTimeMs: 250 });
    await at.exec.close();
    expect(at.events.at(-1)).toMatchObject({ type: "end", status: "failed", exitCode: 137 });
  });
});
