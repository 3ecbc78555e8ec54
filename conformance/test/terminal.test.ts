import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { isAlive, tempDir, until } from "@holdfast/testkit";
import { expect, test } from "vitest";
import { hasTmux } from "../src/tui/terminal.ts";

const run = promisify(execFile);
const HOLD_TERMINAL = fileURLToPath(new URL("hold-terminal.ts", import.meta.url));

test.skipIf(!(await hasTmux()))("a program that is killed leaves no terminal of its behind", async () => {
  await using folder = await tempDir();
  const holder = spawn(process.execPath, [HOLD_TERMINAL], {
    env: { ...process.env, TMPDIR: folder.path },
    stdio: ["ignore", "pipe", "inherit"],
  });
  await once(holder.stdout, "data");
  const [place = ""] = await readdir(folder.path);
  const { stdout } = await run("tmux", [
    "-S",
    join(folder.path, place, "tmux.sock"),
    "display-message",
    "-p",
    "#{pid}",
  ]);
  const server = Number(stdout);
  expect(isAlive(server)).toBe(true);
  holder.kill("SIGKILL");
  await until(() => !isAlive(server));
  await until(async () => (await readdir(folder.path)).length === 0);
});
