import assert from "node:assert/strict";
import { chmod, lstat, mkdir, readdir, readFile, readlink, stat, symlink, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { connect } from "@holdfast/exec-client";
import { download, upload } from "@holdfast/exec-client/transfer";
import type { ClientScenario } from "../scenario.ts";

/** Names that a script or an archive would stumble over. */
const ODD_NAMES = ["-n", "a b", "new\nline", "$(touch pwned)", "'\"`\\", "grün", "*", "=", "x".repeat(255)];
const LONG = join("d".repeat(200), "e".repeat(200), "f".repeat(200));

async function makeTree(root: string): Promise<void> {
  await mkdir(join(root, "empty"), { recursive: true });
  await mkdir(join(root, LONG, ".."), { recursive: true });
  await writeFile(join(root, LONG), "long");
  await mkdir(join(root, "odd"));
  for (const name of ODD_NAMES) await writeFile(join(root, "odd", name), name);
  await writeFile(join(root, "large"), Buffer.alloc(3 * 1_048_576 + 5, "0123456789abcdef"));
  await writeFile(join(root, "program"), "#!/bin/sh\n");
  await utimes(join(root, "program"), 1_600_000_000, 1_600_000_000);
  await chmod(join(root, "program"), 0o750);
  await symlink("../no\nwhere", join(root, "link"));
  await mkdir(join(root, "closed"));
  await writeFile(join(root, "closed", "in"), "in");
  await chmod(join(root, "closed"), 0o555);
}

async function checkTree(root: string): Promise<void> {
  const names = ["closed", LONG.split("/")[0], "empty", "large", "link", "odd", "program"];
  assert.deepEqual((await readdir(root)).sort(), names.sort());
  assert.equal(await readFile(join(root, LONG), "utf8"), "long");
  assert.deepEqual((await readdir(join(root, "odd"))).sort(), [...ODD_NAMES].sort());
  for (const name of ODD_NAMES) assert.equal(await readFile(join(root, "odd", name), "utf8"), name);
  assert.ok((await readFile(join(root, "large"))).equals(Buffer.alloc(3 * 1_048_576 + 5, "0123456789abcdef")));
  const program = await stat(join(root, "program"));
  assert.deepEqual([program.mode & 0o777, program.mtimeMs], [0o750, 1_600_000_000_000]);
  assert.ok((await lstat(join(root, "link"))).isSymbolicLink());
  assert.equal(await readlink(join(root, "link")), "../no\nwhere");
  assert.equal((await stat(join(root, "closed"))).mode & 0o777, 0o555);
  assert.equal(await readFile(join(root, "closed", "in"), "utf8"), "in");
  assert.deepEqual(await readdir(join(root, "empty")), []);
}

export const CLIENT_FOLDERS: readonly ClientScenario[] = [
  {
    direction: "client",
    id: "client.folders",
    sentence: "whole folders go up and come down as one archive, by the executor or by its tar",
    requirements: ["holdfast.trees"],
    essential: true,
    async run(context) {
      await using served = await context.serve();
      await using executor = await connect(served.url);
      const at = (name: string): string => join(context.folder, name);
      await makeTree(at("source"));
      try {
        await upload(executor, at("source"), at("up"));
        await checkTree(at("up"));
        await download(executor, at("up"), at("down"));
        await checkTree(at("down"));
        assert.deepEqual((await readdir(context.folder)).sort(), ["down", "source", "up"]);
      } finally {
        // So that what was made can be removed.
        for (const name of ["source", "up", "down"]) await chmod(join(at(name), "closed"), 0o755).catch(() => {});
      }
    },
  },
];
