import { until } from "@holdfast/testkit";
import { describe, expect, test } from "vitest";
import { openHost } from "../open-host.ts";
import { refusalOf } from "../refusal-of.ts";

const FREE = { sandboxPolicy: { type: "dangerFullAccess" } } as const;

/** What a shell does that exits at once, while a child of it goes on with its output. */
function left(script: string): string[] {
  return ["sh", "-c", `(${script}) & exit 0`];
}

describe("a command that exits before a child of it", () => {
  test("is answered with what the child prints in time, and after its control was closed", async () => {
    await using host = await openHost();
    await using client = await host.client();
    let isAnswered = false;
    const command = left("printf ta; sleep 0.03; printf il; sleep 5");
    const run = client.command.exec({ ...FREE, command, processId: "tail" });
    void run.then(() => {
      isAnswered = true;
    });
    const gone = { code: -32600, message: 'command/exec "tail" is no longer running' };
    // Nothing is done to it by this: it takes no input.
    await until(async () => {
      const { message } = await refusalOf(
        client.call("command/exec/resize", { processId: "tail", size: { rows: 1, cols: 1 } }),
      );
      return message === gone.message;
    });
    expect(isAnswered).toBe(false);
    expect(await run).toEqual({ exitCode: 0, stdout: "tail", stderr: "" });
  });

  test("is answered without what comes after a pause", async () => {
    await using host = await openHost();
    await using client = await host.client();
    const begun = performance.now();
    const command = left("printf tail; sleep 3; printf late; sleep 5");
    expect(await client.command.exec({ ...FREE, command })).toEqual({ exitCode: 0, stdout: "tail", stderr: "" });
    // It has not waited for it.
    expect(performance.now() - begun).toBeLessThan(2_500);
  });

  test("is answered after the hard end where the child never pauses", async () => {
    await using host = await openHost();
    await using client = await host.client();
    const begun = performance.now();
    const command = left("while :; do printf t; sleep 0.01; done");
    const { exitCode, stdout } = await client.command.exec({ ...FREE, command });
    expect(exitCode).toBe(0);
    expect(stdout.length).toBeGreaterThan(10);
    expect(performance.now() - begun).toBeGreaterThan(1_900);
  });

  test("is answered for the slower of its streams", async () => {
    await using host = await openHost();
    await using client = await host.client();
    const command = left("printf out; exec >/dev/null; for i in 1 2 3 4; do sleep 0.02; printf $i >&2; done; sleep 5");
    expect(await client.command.exec({ ...FREE, command })).toEqual({ exitCode: 0, stdout: "out", stderr: "1234" });
  });

  test("is answered at once where both streams have reached their cap", async () => {
    await using host = await openHost();
    await using client = await host.client();
    const command = left("while :; do printf t; printf t >&2; sleep 0.01; done");
    const { stdout, stderr } = await client.command.exec({ ...FREE, command, outputBytesCap: 1 });
    expect({ stdout, stderr }).toEqual({ stdout: "t", stderr: "t" });
  });
});
