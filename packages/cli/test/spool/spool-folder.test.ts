import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { connect } from "@holdfast/exec-client";
import { type TempDir, tempDir, until } from "@holdfast/testkit";
import { describe, expect, test } from "vitest";
import { BIN, holdfast, lines, serve } from "../support/cli.ts";
import { heldBelow } from "../support/held-below.ts";

const isLinux = process.platform === "linux";

function dial(url: string) {
  return connect(url, { clientName: "spool", recovery: false });
}

function spooling(folder: TempDir, ...more: string[]) {
  return serve({ args: ["--spool", folder.path, ...more], isLookedInto: isLinux });
}

function ownFolder(folder: TempDir, pid: number | undefined) {
  return readdirSync(folder.path).find((name) => name.startsWith(`holdfast-${pid}-`));
}

/** What is left when the executor is killed between making a file and taking its name away. */
function interrupt(folder: TempDir, name: string): void {
  writeFileSync(join(folder.path, name, "7.spool"), "left");
}

describe("serve --spool", () => {
  test("a second start removes what an executor left that was killed, and nothing of one that runs", async () => {
    await using folder = await tempDir();
    await using neighbour = await spooling(folder);
    await using killed = await spooling(folder);
    const [kept, left] = [ownFolder(folder, neighbour.child.pid), ownFolder(folder, killed.child.pid)];
    expect([typeof kept, typeof left]).toEqual(["string", "string"]);
    interrupt(folder, kept ?? "");
    interrupt(folder, left ?? "");
    killed.child.kill("SIGKILL");
    await killed.result();
    expect(readdirSync(folder.path)).toContain(left);
    await using second = await spooling(folder);
    expect(readdirSync(folder.path).sort()).toEqual([kept, ownFolder(folder, second.child.pid)].sort());
    expect(readdirSync(join(folder.path, kept ?? ""))).toEqual(["7.spool"]);
  });

  test.skipIf(!isLinux)("takes an executor that is dead but not collected by its parent for gone", async () => {
    await using folder = await tempDir();
    // The shell starts it and never asks for its status.
    const script = '"$@" >/dev/null & echo $!; exec sleep 600';
    const args = ["-c", script, "sh", process.execPath, BIN, "serve", "--spool", folder.path];
    const parent = spawn("/bin/sh", args, { stdio: ["ignore", "pipe", "inherit"] });
    try {
      const [text] = (await once(parent.stdout, "data")) as [Buffer];
      const pid = Number(text.toString());
      const left = await until(() => ownFolder(folder, pid));
      interrupt(folder, left);
      process.kill(pid, "SIGKILL");
      await until(() => / Z /.test(readFileSync(`/proc/${pid}/stat`, "latin1")));
      await using second = await spooling(folder);
      expect(readdirSync(folder.path)).toEqual([ownFolder(folder, second.child.pid)]);
    } finally {
      parent.kill("SIGKILL");
      await once(parent, "close");
    }
  });

  test.skipIf(!isLinux)("kill -9 leaves no byte of output on the disk", async () => {
    await using folder = await tempDir();
    await using server = await spooling(folder);
    await using executor = await dial(server.url);
    await executor.processes.start({ argv: ["sh", "-c", "head -c 8000000 /dev/zero; sleep 600"], cwd: "/" });
    // The file has a name from its making to the next call of the system: another process may see it in between.
    await until(() => heldBelow(server.child.pid, folder.path).some((target) => target.endsWith(" (deleted)")));
    server.child.kill("SIGKILL");
    await server.result();
    const left = readdirSync(folder.path, { recursive: true, withFileTypes: true });
    expect(left.filter((entry) => !entry.isDirectory())).toEqual([]);
  });

  test("an ordinary end leaves nothing", async () => {
    await using folder = await tempDir();
    await using server = await spooling(folder);
    server.child.kill("SIGTERM");
    expect(await server.result()).toMatchObject({ code: 0, stderr: "" });
    expect(readdirSync(folder.path)).toEqual([]);
  });

  test("makes the folder, relative to where it was started", async () => {
    await using folder = await tempDir();
    await using server = await serve({ args: ["--spool", "deep/er"], cwd: folder.path });
    expect(server.url).toMatch(/^ws:/);
    expect(existsSync(folder.join("deep", "er"))).toBe(true);
  });

  test.each([
    ["a file", (folder: TempDir) => writeFileSync(folder.join("spool"), ""), "spool"],
    ["below a file", (folder: TempDir) => writeFileSync(folder.join("spool"), ""), "spool/deeper"],
    ["below /proc", () => {}, "/proc/nowhere"],
  ])("refuses a folder that is %s in one line, with 1, and listens nowhere", async (_, prepare, name) => {
    await using folder = await tempDir();
    prepare(folder);
    const { code, stdout, stderr } = await holdfast(["serve", "--spool", name], { cwd: folder.path });
    expect([code, stdout.toString()]).toEqual([1, ""]);
    expect(lines(stderr)).toEqual([
      expect.stringMatching(/^holdfast serve: output can't be spooled to .+: .+; name a folder that you can write$/),
    ]);
  });

  test.skipIf(process.getuid?.() === 0)("refuses a folder that it may not write (root may)", async () => {
    await using folder = await tempDir();
    mkdirSync(folder.join("spool"));
    chmodSync(folder.join("spool"), 0o500);
    const { code, stderr } = await holdfast(["serve", "--spool", folder.join("spool")]);
    expect([code, lines(stderr)]).toEqual([1, [expect.stringContaining("Permission denied")]]);
  });

  test.each([
    [["--spool-limit", "1G"], "add --spool DIR"],
    [["--spool", "/tmp", "--spool-limit", "1"], "--spool-limit must be a number of bytes from 1048576 on"],
    [["--spool="], "--spool must name a folder"],
  ])("refuses %j in one line, with 2", async (args, message) => {
    const { code, stdout, stderr } = await holdfast(["serve", ...args]);
    expect([code, stdout.toString()]).toEqual([2, ""]);
    expect(lines(stderr)).toEqual([expect.stringContaining(message)]);
  });
});
