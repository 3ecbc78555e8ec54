import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { FakeClock, tempDir, until } from "@holdfast/testkit";
import { describe, expect, test } from "vitest";
import { openHost } from "../open-host.ts";
import { refusalOf } from "../refusal-of.ts";

const FREE = { sandboxPolicy: { type: "dangerFullAccess" } } as const;

/** In a script: wait until it is told to go on. */
const WAIT = 'until [ -e "$GATE" ]; do sleep 0.01; done';

/** A command whose shell exits at once, while a child of it goes on with its output. The time of the host stands still until it is moved on. */
async function leftBehind(script: string, more: { readonly outputBytesCap?: number } = {}) {
  const folder = await tempDir();
  const gate = join(folder.path, "gate");
  const clock = new FakeClock();
  const host = await openHost({ clock });
  const client = await host.client();
  const told = { stdout: "", stderr: "" };
  client.on("command/exec/outputDelta", ({ stream, deltaBase64 }) => {
    told[stream as "stdout" | "stderr"] += Buffer.from(deltaBase64, "base64").toString();
  });
  const processId = "left";
  const command = ["sh", "-c", `(${script}) & exit 0`];
  const how = {
    ...FREE,
    ...more,
    env: { GATE: gate },
    command,
    processId,
    streamStdin: true,
    streamStdoutStderr: true,
  };
  let exitCode: number | undefined;
  const answer = client.command.exec(how).then((result) => {
    exitCode = result.exitCode;
  });
  const control = (what: string, params: object) =>
    refusalOf(client.call(`command/exec/${what}`, { processId, ...params }));
  return {
    clock,
    told,
    /** Undefined: it is not answered. */
    exitCode: () => exitCode,
    answer,
    control,
    /** End the wait of the script. */
    goOn: () => writeFile(gate, ""),
    /** Resolves when its control is closed. */
    exited: () =>
      until(async () => {
        const { message } = await control("resize", { size: { rows: 1, cols: 1 } });
        return message === 'command/exec "left" is no longer running';
      }),
    async [Symbol.asyncDispose]() {
      await client.close();
      await host[Symbol.asyncDispose]();
      await answer.catch(() => {});
      await folder[Symbol.asyncDispose]();
    },
  };
}

describe("a command that exits before a child of it", () => {
  test("is answered behind the output that the child has in time, and after its control was closed", async () => {
    await using left = await leftBehind(`printf ta; ${WAIT}; printf il; sleep 60`);
    await left.exited();
    await until(() => left.told.stdout === "ta");
    await left.clock.advance(40);
    await left.goOn();
    await until(() => left.told.stdout === "tail");
    await left.clock.advance(49);
    expect(left.exitCode()).toBeUndefined();
    await left.clock.advance(1);
    await left.answer;
    expect(left.exitCode()).toBe(0);
  });

  test("is answered without what comes after a pause", async () => {
    await using left = await leftBehind(`printf tail; ${WAIT}; printf late`);
    await left.exited();
    await until(() => left.told.stdout === "tail");
    await left.clock.advance(50);
    await left.answer;
    await left.goOn();
    expect(left.told.stdout).toBe("tail");
  });

  test("is answered after two seconds where the child never pauses", async () => {
    await using left = await leftBehind("while :; do printf t; sleep 0.005; done");
    await left.exited();
    let passedMs = 0;
    // What is told may have been taken a step ago: two of them are shorter than the quiet window.
    for (; left.exitCode() === undefined && passedMs < 3_000; passedMs += 20) {
      const before = left.told.stdout.length;
      await until(() => left.exitCode() !== undefined || left.told.stdout.length > before);
      await left.clock.advance(20);
    }
    await left.answer;
    expect(passedMs).toBeGreaterThanOrEqual(2_000);
    expect(passedMs).toBeLessThan(2_200);
  });

  test("is answered for the slower of its streams", async () => {
    await using left = await leftBehind(`printf out; exec >/dev/null; printf 1 >&2; ${WAIT}; printf 2 >&2; sleep 60`);
    await left.exited();
    await until(() => left.told.stdout === "out" && left.told.stderr === "1");
    await left.clock.advance(40);
    await left.goOn();
    await until(() => left.told.stderr === "12");
    await left.clock.advance(49);
    expect(left.exitCode()).toBeUndefined();
    await left.clock.advance(1);
    await left.answer;
    expect(left.told).toEqual({ stdout: "out", stderr: "12" });
  });

  test("is answered at once where both streams have reached their cap", async () => {
    const ticks = "while :; do printf t; printf t >&2; sleep 0.005; done";
    await using left = await leftBehind(ticks, { outputBytesCap: 1 });
    await left.answer;
    expect(left.told).toEqual({ stdout: "t", stderr: "t" });
  });

  test("can not be written to, resized or ended any more", async () => {
    await using left = await leftBehind("sleep 60");
    await left.exited();
    const ended = { code: -32600, message: 'command/exec "left" is no longer running' };
    expect(await left.control("write", { deltaBase64: "YQ==" })).toEqual(ended);
    expect(await left.control("resize", { size: { rows: 1, cols: 1 } })).toEqual(ended);
    expect(await left.control("terminate", {})).toEqual(ended);
    expect(left.exitCode()).toBeUndefined();
    await left.clock.advance(50);
    await left.answer;
  });
});
