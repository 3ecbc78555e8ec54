import { setTimeout as delay } from "node:timers/promises";
import { startParams, uriOf } from "../start-params.ts";
import type { WireLine } from "../wire-line.ts";

function base64(text: string): string {
  return Buffer.from(text).toString("base64");
}

async function driveOutput(line: WireLine, folder: string): Promise<void> {
  const script = "echo out; echo err >&2; exit 3";
  await line.call("process/start", startParams(folder, { processId: "plain", argv: ["/bin/sh", "-c", script] }));
  await line.notice("process/closed", "plain");
  await line.call("process/read", { processId: "plain" });
  await line.call("process/read", { processId: "plain", afterSeq: 1, maxBytes: 1, waitMs: 0 });
  await line.call("process/read", { processId: "plain", afterSeq: null, maxBytes: null, waitMs: null });
  await line.call("process/start", startParams(folder, { processId: "plain", argv: ["/bin/true"] }));
  await line.call("process/read", { processId: "nobody", afterSeq: 0 });
}

async function driveInput(line: WireLine, folder: string): Promise<void> {
  const members = { arg0: "my-cat", pipeStdin: true, env: { PATH: "/usr/bin:/bin" } };
  await line.call("process/start", startParams(folder, { processId: "cat", argv: ["cat"], ...members }));
  await line.call("process/write", { processId: "cat", chunk: base64("hello\n"), writeId: "1" });
  await line.call("process/write", { processId: "cat", chunk: "", writeId: "2" });
  await line.call("process/write", { processId: "nobody", chunk: "", writeId: "1" });
  await line.call("process/read", { processId: "cat", afterSeq: 0, waitMs: 2_000 });
  await line.call("process/signal", { processId: "cat", signal: "interrupt" });
  await line.notice("process/closed", "cat");
  await line.call("process/start", startParams(folder, { processId: "deaf", argv: ["/bin/sleep", "60"] }));
  await line.call("process/write", { processId: "deaf", chunk: base64("x"), writeId: "1" });
  await line.call("process/terminate", { processId: "deaf" });
  await line.notice("process/closed", "deaf");
  await line.call("process/read", { processId: "deaf", afterSeq: 0 });
  await line.call("process/terminate", { processId: "deaf" });
}

async function driveTerminal(line: WireLine, folder: string): Promise<void> {
  const argv = ["/bin/sh", "-c", "stty size; read line; exit 0"];
  await line.call("process/start", startParams(folder, { processId: "tty", argv, tty: true, arg0: null }));
  await line.notice("process/output", "tty");
  await line.call("process/write", { processId: "tty", chunk: base64("\n"), writeId: "1" });
  await line.notice("process/closed", "tty");
  await line.call("process/read", { processId: "tty" });
}

async function driveEnvironment(line: WireLine, folder: string): Promise<void> {
  for (const inherit of ["none", "core"]) {
    const envPolicy = {
      inherit,
      ignoreDefaultExcludes: false,
      exclude: ["AWS_*"],
      set: { CI: "1" },
      includeOnly: inherit === "core" ? ["PATH", "C?"] : [],
    };
    await line.call(
      "process/start",
      startParams(folder, {
        processId: `env-${inherit}`,
        argv: ["/usr/bin/printenv", "CI"],
        envPolicy,
        env: { LANG: "C" },
      }),
    );
    await line.notice("process/closed", `env-${inherit}`);
  }
}

async function driveRefusals(line: WireLine, folder: string): Promise<void> {
  const starts = [
    { processId: "bad-1", argv: [] },
    { processId: "bad-2", argv: [""] },
    { processId: "bad-3", argv: ["/no/such/program"] },
    { processId: "bad-4", argv: [folder] },
    { processId: "bad-5", argv: ["/bin/true"], cwd: uriOf(`${folder}/missing`) },
  ];
  for (const params of starts) await line.call("process/start", startParams(folder, params));
  await line.call("process/write", { processId: "x", chunk: "", writeId: "" });
  await line.call("process/signal", { processId: "nobody", signal: "interrupt" });
}

/** Walk through every method and answer of `process/*`. */
export async function driveProcesses(line: WireLine, folder: string): Promise<void> {
  await driveOutput(line, folder);
  await driveInput(line, folder);
  await driveTerminal(line, folder);
  await driveEnvironment(line, folder);
  await driveRefusals(line, folder);
  // Notices of the last processes come from tasks of their own.
  await delay(100);
}
