import { createHash } from "node:crypto";
import { createReadStream, existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { BadLine, type TempDir, tempDir, until } from "@holdfast/testkit";
import { describe, expect, test } from "vitest";
import { Cli, everyByte, lines, serve } from "../support/cli.ts";

const MIB = 1_048_576;
const TOTAL = 64 * MIB;

/** What the command prints: some of it before the line is lost and the rest while there is none. */
async function content(folder: TempDir): Promise<string> {
  const path = folder.join("content");
  await writeFile(path, everyByte(TOTAL));
  return path;
}

async function sha256Of(path: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  return hash.digest("hex");
}

/** Run it through a line that is cut in the middle and stays away until the command has printed everything. */
async function execThroughCut(folder: TempDir, url: string) {
  const file = await content(folder);
  await using line = await BadLine.to(url);
  const script = `head -c ${4 * MIB} ${file}; while [ ! -e cut ]; do sleep 0.01; done; tail -c +${4 * MIB + 1} ${file}; touch printed`;
  await using cli = new Cli(["exec", "--url", line.url, "--cwd", folder.path, "--", "sh", "-c", script]);
  let received = 0;
  const hash = createHash("sha256");
  cli.child.stdout?.on("data", (chunk: Buffer) => {
    received += chunk.length;
    hash.update(chunk);
  });
  await until(() => received === 4 * MIB);
  line.refuse();
  line.cut();
  await writeFile(folder.join("cut"), "");
  await until(() => existsSync(folder.join("printed")), { deadlineMs: 30_000 });
  const before = line.connectionCount;
  line.admit();
  const { code, stderr } = await cli.result();
  expect(line.connectionCount).toBeGreaterThan(before);
  return { code, stderr, received, sha256: hash.digest("hex"), expected: await sha256Of(file) };
}

describe("exec of a command that prints 64 MiB over a line that is lost", () => {
  test("prints all of it when the executor spools", { timeout: 60_000 }, async () => {
    await using folder = await tempDir();
    await using server = await serve({ args: ["--spool", folder.join("spool")] });
    const { code, stderr, received, sha256, expected } = await execThroughCut(folder, server.url);
    expect({ code, stderr, received, sha256 }).toEqual({ code: 0, stderr: "", received: TOTAL, sha256: expected });
  });

  test("tells the loss when it does not", { timeout: 60_000 }, async () => {
    await using folder = await tempDir();
    await using server = await serve();
    const { code, stderr, received } = await execThroughCut(folder, server.url);
    expect([code, received]).toEqual([255, 4 * MIB]);
    expect(lines(stderr)).toEqual([expect.stringContaining("no longer retained")]);
  });

  test("tells the loss when it does, but less than was printed", { timeout: 60_000 }, async () => {
    await using folder = await tempDir();
    await using server = await serve({ args: ["--spool", folder.join("spool"), "--spool-limit", "8M"] });
    const { code, stderr, received } = await execThroughCut(folder, server.url);
    expect([code, received]).toEqual([255, 4 * MIB]);
    expect(lines(stderr)).toEqual([expect.stringContaining("no longer retained")]);
  });
});
