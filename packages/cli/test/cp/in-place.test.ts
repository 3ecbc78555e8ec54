import { execFileSync, spawnSync } from "node:child_process";
import { chmod, chown, mkdir, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { tempDir } from "@holdfast/testkit";
import { describe, expect, test } from "vitest";
import { replaceLocal } from "../../../exec-client/src/transfer/replace-local.ts";
import { BIN, everyByte } from "../support/cli.ts";

const isRoot = process.geteuid?.() === 0;
const canMount = isRoot && spawnSync("unshare", ["-m", "true"]).status === 0;
const SOMEBODY = 12_345;

/** Run the program as another user, or with a file mounted over another. */
function cp(args: readonly string[], { cwd, wrap }: { cwd: string; wrap: readonly string[] }) {
  const [program = "", ...words] = [...wrap, process.execPath, BIN, "cp", ...args];
  // Where the program has what is its own: not beside what is copied.
  const env = { ...process.env, HOME: join(cwd, "..", "home") };
  const { status, stderr } = spawnSync(program, words, { cwd, encoding: "utf8", env });
  return { code: status, stderr };
}

const asSomebody = ["setpriv", `--reuid=${SOMEBODY}`, `--regid=${SOMEBODY}`, "--clear-groups"];

function mounted(file: string, over: string) {
  return ["unshare", "-m", "sh", "-c", 'mount --bind "$0" "$1" && shift && exec "$@"', file, over];
}

describe("a local file that may be written but not replaced", () => {
  test.runIf(canMount).each([[["remote:new", "config"]], [["remote:new", "./"]], [["-r", "remote:tree/.", "."]]])(
    "is written in place, and keeps its bits: a mount point, by %j",
    async (args) => {
      await using folder = await tempDir();
      await mkdir(folder.join("tree"));
      const name = args.includes("./") ? "new" : "config";
      const source = args.includes("-r") ? "tree/config" : "new";
      await mkdir(folder.join("dst"));
      for (const old of ["file", `dst/${name}`]) await writeFile(folder.join(old), "the old content", { mode: 0o640 });
      await writeFile(folder.join(source), everyByte(100_000));
      const remote = args.map((word) => word.replace("remote:", `remote:${folder.path}/`));
      const cwd = folder.join("dst");
      expect(cp(remote, { cwd, wrap: mounted(folder.join("file"), join(cwd, name)) })).toEqual({ code: 0, stderr: "" });
      expect((await readFile(folder.join("file"))).equals(everyByte(100_000))).toBe(true);
      expect((await stat(folder.join("file"))).mode & 0o777).toBe(0o640);
      expect(await readdir(cwd)).toEqual([name]);
    },
  );

  test.runIf(isRoot)("is written in place: one's own in somebody else's folder", async () => {
    await using folder = await tempDir();
    await chmod(folder.path, 0o755);
    await mkdir(folder.join("etc"));
    await writeFile(folder.join("etc", "conf"), "the old content");
    await writeFile(folder.join("etc", "theirs"), "the old content");
    await chown(folder.join("etc", "conf"), SOMEBODY, SOMEBODY);
    await writeFile(folder.join("new"), "new");
    const options = { cwd: folder.join("etc"), wrap: asSomebody };
    expect(cp([`remote:${folder.path}/new`, "conf"], options)).toEqual({ code: 0, stderr: "" });
    expect(await readFile(folder.join("etc", "conf"), "utf8")).toBe("new");
    for (const name of ["theirs", "none"]) {
      const { code, stderr } = cp([`remote:${folder.path}/new`, name], options);
      expect([code, stderr]).toEqual([1, expect.stringMatching(/: permission denied; check the permissions\n$/)]);
    }
    expect(await readFile(folder.join("etc", "theirs"), "utf8")).toBe("the old content");
    expect((await readdir(folder.join("etc"))).toSorted()).toEqual(["conf", "theirs"]);
  });

  test("is no link, no folder and no pipe: those are refused as the rename was", async () => {
    await using folder = await tempDir();
    await writeFile(folder.join("from"), "new");
    await mkdir(folder.join("folder"));
    execFileSync("mkfifo", [folder.join("fifo")]);
    await expect(
      replaceLocal(Buffer.from(folder.join("from")), Buffer.from(folder.join("folder")), { isRegular: true }),
    ).rejects.toMatchObject({ code: "EISDIR" });
    expect(await readFile(folder.join("from"), "utf8")).toBe("new");
  });
});
