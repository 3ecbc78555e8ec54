import { execFileSync, spawnSync } from "node:child_process";
import { chownSync, writeFileSync } from "node:fs";
import { findLimitMeans } from "@holdfast/executor";
import { describe, expect, test } from "vitest";
import { BIN, holdfast, lines, testEnvironment } from "../support/cli.ts";
import { skipped, unconfinable, ungrantedDir } from "../support/confinement.ts";

const SOMEBODY = 54_321;
const isRoot = process.getuid?.() === 0;
const means = findLimitMeans();

/** Prints how many processes there can be at once, up to 200. */
const COUNT = [
  "perl",
  "-e",
  "my $n = 1; while ($n < 200) { my $pid = fork; last unless defined $pid; if ($pid == 0) { sleep 30; exit } $n++; push @k, $pid } kill 9, @k; print $n",
];
/** Takes 200 MiB, ten at a time, if it is let. */
const HOG = ["perl", "-e", '$| = 1; for (1 .. 20) { push @x, "x" x (10 * 1048576); print "$_\\n" } print "all\\n"'];

describe.skipIf(unconfinable !== undefined)(`sandbox with limits${skipped}`, () => {
  test.skipIf(means.processes.kind === "none")("holds a command to its processes", async () => {
    await using folder = await ungrantedDir();
    const args = ["sandbox", "--cwd", folder.path, "--command-processes", "9", "--", ...COUNT];
    const { code, stdout, stderr } = await holdfast(args);
    expect({ code, stdout: stdout.toString(), stderr }).toEqual({ code: 0, stdout: "9", stderr: "" });
  });

  test("holds a command to its memory", async () => {
    await using folder = await ungrantedDir();
    const args = ["sandbox", "--cwd", folder.path, "--command-memory", "64M", "--", ...HOG];
    const { code, stdout } = await holdfast(args);
    if (means.memory.kind === "group") expect(code).toBe(137);
    else expect(code).not.toBe(0);
    expect(lines(stdout.toString())[0]).toBe("1");
    expect(stdout.toString()).not.toContain("all");
  });

  test.each([
    ["--explain", ["--explain", "x"], "--command-memory does not go with --explain, which starts nothing"],
    ["no profile", ["--profile", "none", "--", "true"], "--command-memory holds for confined commands only"],
  ])("goes with nothing that it can't hold for: %s", async (_, args, message) => {
    const { code, stderr } = await holdfast(["sandbox", "--command-memory", "64M", ...args]);
    expect(code).toBe(255);
    expect(lines(stderr)).toEqual([expect.stringContaining(message)]);
  });

  test("does not go with a profile that confines nothing", async () => {
    await using folder = await ungrantedDir();
    writeFileSync(folder.join("p.json"), JSON.stringify({ type: "disabled" }));
    const args = ["sandbox", "--profile", folder.join("p.json"), "--command-processes", "4", "--", "true"];
    const { code, stderr } = await holdfast(args);
    expect(code).toBe(255);
    expect(stderr).toContain("--command-processes holds for confined commands only");
  });

  describe.runIf(isRoot)("as another user, who can make no cgroups", () => {
    test.each([
      ["processes", ["--command-processes", "9"], COUNT, { status: 0, stdout: "9" }],
      ["memory", ["--command-memory", "64M"], HOG, { status: 1, stdout: expect.not.stringContaining("all") }],
    ])("holds a command to its %s", async (_, options, argv, outcome) => {
      await using folder = await ungrantedDir();
      chownSync(folder.path, SOMEBODY, SOMEBODY);
      const args = [BIN, "sandbox", "--cwd", folder.path, ...options, "--", ...argv];
      const { status, stdout } = spawnSync(process.execPath, args, {
        uid: SOMEBODY,
        gid: SOMEBODY,
        cwd: "/",
        env: { ...testEnvironment(), HOME: folder.path, TMPDIR: folder.path },
        encoding: "utf8",
      });
      expect({ status, stdout }).toMatchObject(outcome);
    });
  });

  describe.runIf(isRoot && canHideGroups())("as root, where no cgroups can be seen", () => {
    const withoutGroups = (...args: readonly string[]) => {
      const script = 'mount -t tmpfs none /sys/fs/cgroup && exec "$@"';
      const words = ["-m", "sh", "-c", script, "sh", process.execPath, BIN, ...args];
      return spawnSync("unshare", words, { cwd: "/", env: testEnvironment(), encoding: "utf8" });
    };

    test("a limit on processes lets nothing start, and one line names the option and what helps", () => {
      const { status, stdout, stderr } = withoutGroups("sandbox", "--command-processes", "9", "--", "echo", "ran");
      expect({ status, stdout }).toEqual({ status: 255, stdout: "" });
      expect(lines(stderr)).toEqual([
        expect.stringMatching(
          /^holdfast sandbox: echo was not started: .* the limit on processes \(--command-processes\) can not be kept: .* does not bind root: run the executor where it may make cgroups, see docs\/running\.md, or as another user$/,
        ),
      ]);
    });

    test("a limit on memory holds for each process by itself", () => {
      const { status, stdout } = withoutGroups("sandbox", "--command-memory", "64M", "--", ...HOG);
      expect(status).not.toBe(0);
      expect(stdout).not.toContain("all");
      expect(lines(stdout)[0]).toBe("1");
    });

    test("the doctor says so, with what helps", () => {
      const { stdout } = withoutGroups("doctor", "--json");
      const { checks } = JSON.parse(stdout) as { checks: { name: string }[] };
      expect(checks.find(({ name }) => name === "limit: memory")).toMatchObject({
        state: "ok",
        detail: "RLIMIT_DATA, for each process by itself: no cgroup with memory can be made here",
      });
      expect(checks.find(({ name }) => name === "limit: processes")).toMatchObject({
        state: "missing",
        needed: false,
        mend: "run the executor where it may make cgroups, see docs/running.md, or as another user",
      });
    });
  });
});

/** Whether a mount namespace of one's own can be had. */
function canHideGroups(): boolean {
  try {
    execFileSync("unshare", ["-m", "mount", "-t", "tmpfs", "none", "/sys/fs/cgroup"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}
