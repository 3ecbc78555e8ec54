import { existsSync, readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { tempDir, until } from "@holdfast/testkit";
import { describe, expect, test } from "vitest";
import { Cli } from "./support/cli.ts";

const LARGE_BYTES = 32_000_000;

/** A program whose output nobody reads, once every buffer on the way is full. */
async function stuck(args: readonly string[], cwd?: string): Promise<Cli> {
  const cli = new Cli(args, cwd === undefined ? {} : { cwd });
  const output = cli.child.stdout;
  await until(() => cli.stdout.length > 0);
  output?.pause();
  let former = "";
  await until(
    () => {
      const before = former;
      former = processorTimeOf(cli.child.pid ?? 0);
      return before === former;
    },
    { intervalMs: 300 },
  );
  return cli;
}

/** In user and in system mode. */
function processorTimeOf(pid: number): string {
  const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
  return stat.slice(stat.lastIndexOf(")")).split(" ").slice(12, 14).join();
}

/** What it ends with while its output is still not read. */
async function exitCodeOf(cli: Cli): Promise<number | null> {
  await until(() => cli.child.exitCode !== null || cli.child.signalCode !== null);
  cli.child.stdout?.destroy();
  return cli.child.exitCode;
}

describe.skipIf(process.platform !== "linux")(
  "a program that is told to end does not wait for whoever reads nothing",
  () => {
    test("exec, told by SIGTERM", async () => {
      await using cli = await stuck(["exec", "--", "cat", "/dev/zero"]);
      cli.child.kill("SIGTERM");
      expect(await exitCodeOf(cli)).toBe(143);
    });

    test("exec, when a second SIGINT kills the command, with the code of that", async () => {
      await using folder = await tempDir();
      const script = "trap ': >caught' INT; cat /dev/zero; while :; do sleep 0.05; done";
      await using cli = await stuck(["exec", "--", "sh", "-c", script], folder.path);
      cli.child.kill("SIGINT");
      await until(() => existsSync(folder.join("caught")));
      cli.child.kill("SIGINT");
      expect(await exitCodeOf(cli)).toBe(137);
    });

    test("cp to stdout, told by SIGTERM", async () => {
      await using folder = await tempDir();
      await writeFile(folder.join("file"), Buffer.alloc(LARGE_BYTES));
      await using cli = await stuck(["cp", "remote:file", "-"], folder.path);
      cli.child.kill("SIGTERM");
      expect(await exitCodeOf(cli)).toBe(143);
      expect(cli.stderr).toBe("holdfast cp: interrupted by SIGTERM: nothing was copied\n");
    });
  },
);
