import { readdir } from "node:fs/promises";
import { tempDir } from "@holdfast/testkit";
import { describe, expect, test } from "vitest";
import { holdfast } from "../support/cli.ts";
import { skipped, unconfinable } from "../support/confinement.ts";
import { withFakeBubblewrap } from "../support/fake-bubblewrap.ts";
import { withWeakBubblewrap } from "../support/weak-bubblewrap.ts";

interface Row {
  readonly name: string;
  readonly state: "ok" | "missing";
  readonly detail: string;
  readonly mend: string | null;
}

/** What `holdfast doctor` says about confining. */
async function sandboxRows(env: Readonly<Record<string, string>> = {}): Promise<Readonly<Record<string, Row>>> {
  const { stdout, stderr } = await holdfast(["doctor", "--json"], { env });
  expect(stderr).toBe("");
  const { checks } = JSON.parse(stdout.toString()) as { checks: readonly Row[] };
  return Object.fromEntries(checks.map((row) => [row.name, row]));
}

describe.skipIf(unconfinable !== undefined)(`doctor, where commands can be confined${skipped}`, () => {
  test("reports a forbidden write and a forbidden connection as refused, and a read as working", async () => {
    const rows = await sandboxRows();
    expect(rows["sandbox: reading"]).toMatchObject({ state: "ok", detail: "works (linuxSeccomp)", mend: null });
    expect(rows["sandbox: files"]).toMatchObject({ state: "ok", detail: "a forbidden write was refused (EROFS)" });
    expect(rows["sandbox: network"]).toMatchObject({
      state: "ok",
      detail: "a forbidden connection was refused (EPERM)",
    });
  });

  test("leaves nothing behind in the temporary folder", async () => {
    await using folder = await tempDir();
    await sandboxRows({ TMPDIR: folder.path });
    expect((await readdir(folder.path)).filter((name) => name.startsWith("holdfast-doctor"))).toEqual([]);
  });
});

describe.runIf(process.platform === "linux")("doctor, where the sandbox is not what it seems", () => {
  test("tells that nothing is started behind a bubblewrap that confines nothing", async () => {
    await using folder = await tempDir();
    const rows = await sandboxRows({ PATH: await withFakeBubblewrap(folder) });
    // Its help names little, so that is told as well.
    expect(rows.bubblewrap).toMatchObject({
      state: "ok",
      detail: `${folder.join("bwrap")}; it can't keep user namespaces from being made: the filter refuses them; it can't bound /dev/shm: a command may take half of the memory with it`,
    });
    for (const name of ["sandbox: reading", "sandbox: files", "sandbox: network"]) {
      expect(rows[name]).toMatchObject({
        state: "missing",
        detail: expect.stringMatching(/^a confined command did not run: holdfast: nothing was started: /),
        mend: expect.stringContaining("type -a bwrap"),
      });
    }
  });

  test.skipIf(unconfinable !== undefined)(
    `tells that a forbidden write and connection went through behind one that confines half${skipped}`,
    async () => {
      await using folder = await tempDir();
      const rows = await sandboxRows({ PATH: await withWeakBubblewrap(folder), TMPDIR: folder.path });
      expect(rows["sandbox: reading"]?.state).toBe("ok");
      for (const [name, what] of [
        ["sandbox: files", "a forbidden write"],
        ["sandbox: network", "a forbidden connection"],
      ] as const) {
        expect(rows[name]).toMatchObject({
          state: "missing",
          detail: `${what} went through`,
          mend: expect.stringContaining("type -a bwrap"),
        });
      }
    },
  );

  test("names the command that installs bubblewrap in every row that lacks it", async () => {
    const rows = await sandboxRows({ PATH: "/nonexistent" });
    const mend = rows.bubblewrap?.mend;
    expect(mend).toMatch(/bubblewrap/);
    for (const name of ["bubblewrap", "sandbox: reading", "sandbox: files", "sandbox: network"]) {
      expect(rows[name]).toMatchObject({ state: "missing", detail: "bubblewrap (bwrap) is not on PATH", mend });
    }
  });
});

describe.runIf(process.platform === "linux")("info about the sandbox", () => {
  const sandboxOf = async (env: Readonly<Record<string, string>>) => {
    const { stdout } = await holdfast(["info", "--json"], { env });
    return JSON.parse(stdout.toString()).sandbox;
  };

  test.skipIf(unconfinable !== undefined)(`names what confines${skipped}`, async () => {
    expect(await sandboxOf({})).toEqual({ usable: true, type: "linuxSeccomp", reason: null });
  });

  test("does not call usable what confines nothing", async () => {
    await using folder = await tempDir();
    const sandbox = await sandboxOf({ PATH: await withFakeBubblewrap(folder), TMPDIR: folder.path });
    expect(sandbox).toMatchObject({ usable: false, reason: "a confined command that does nothing ended with 125" });
    expect((await readdir(folder.path)).filter((name) => name.startsWith("holdfast-"))).toEqual([]);
  });

  test.skipIf(unconfinable !== undefined)(
    `does not call usable what lets a forbidden write through${skipped}`,
    async () => {
      await using folder = await tempDir();
      const sandbox = await sandboxOf({ PATH: await withWeakBubblewrap(folder), TMPDIR: folder.path });
      expect(sandbox).toMatchObject({ usable: false, reason: "a command that may only read could write" });
      expect(await readdir(folder.path)).toEqual(["bwrap"]);
    },
  );

  test("says why there is none", async () => {
    const sandbox = await sandboxOf({ PATH: "/nonexistent" });
    expect(sandbox).toMatchObject({
      usable: false,
      reason: expect.stringContaining("bubblewrap (bwrap) is not on PATH"),
    });
  });
});
