import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { totalmem } from "node:os";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Machine, plan, type SandboxIntent } from "../../src/index.ts";
import {
  type Entry,
  glob,
  intentFor,
  literal,
  managed,
  ROOT_READ,
  special,
  WORKSPACE_WRITE,
} from "../support/intents.ts";
import { machineWithout } from "../support/old-bubblewrap.ts";
import { type PlanOutcome, runPlan } from "../support/run-plan.ts";
import { thisMachine } from "../support/this-machine.ts";

const machine = await thisMachine();
const WORKSPACE_ONLY = [ROOT_READ, special("project_roots", "write")];

describe.skipIf(machine === undefined)("bubblewrap enforces that", () => {
  let base: string;
  let ws: string;

  beforeEach(() => {
    base = mkdtempSync("/var/tmp/sandbox-enforced-");
    ws = `${base}/ws`;
    mkdirSync(`${ws}/a/b`, { recursive: true });
    writeFileSync(`${ws}/a/secret`, "hidden");
    writeFileSync(`${ws}/a/b/open`, "shown");
  });

  afterEach(() => rmSync(base, { recursive: true, force: true }));

  const sh = async (
    script: string,
    entries: readonly Entry[],
    more: Partial<SandboxIntent> = {},
  ): Promise<PlanOutcome> => {
    const { context: _, ...rest } = more;
    const intent = intentFor(managed(entries), ws, { argv: ["sh", "-c", script], ...rest });
    return runPlan(plan(intent, { ...(machine as Machine), tmpdir: undefined }));
  };

  test("a Node program hears from the programs that it starts, though it has no network", async () => {
    const script =
      "const {execFile,execFileSync}=require('child_process');process.stdout.write(execFileSync('echo',['one'])+'');" +
      "execFile(process.execPath,['-p','2'],(_,out)=>process.stdout.write(out))";
    const intent = intentFor(managed(WORKSPACE_ONLY), ws, { argv: [process.execPath, "-e", script] });
    const { stdout, exitCode } = await runPlan(plan(intent, { ...(machine as Machine), tmpdir: undefined }));
    expect([stdout, exitCode]).toEqual(["one\n2\n", 0]);
  });

  test("a folder to read is shown below a denied one, which stays closed", async () => {
    const entries = [...WORKSPACE_ONLY, literal(`${ws}/a`, "deny"), literal(`${ws}/a/b`, "read")];
    const { stdout, stderr } = await sh("cat a/b/open; ls a; cat a/secret; echo x >a/b/new; mkdir a/c", entries);
    expect(stdout).toBe("shown");
    expect(stderr).toMatch(
      /'a': Permission denied[\s\S]*No such file[\s\S]*Read-only file system[\s\S]*Read-only file/,
    );
  });

  test("a denied file can not be read, written, removed or moved", async () => {
    const entries = [...WORKSPACE_ONLY, literal(`${ws}/a/secret`, "deny")];
    const script =
      "for each in 'cat a/secret' 'rm -f a/secret' 'mv a/secret x' 'ln a/secret y'; do $each && echo $each; done";
    const { stdout } = await sh(`${script}; echo x >a/secret; true`, entries);
    expect(stdout).toBe("");
  });

  test("what a pattern matches is hidden, also behind a link and below a folder that matches", async () => {
    mkdirSync(`${ws}/deep/conf.env`, { recursive: true });
    for (const name of ["x.env", "deep/y.env", "deep/conf.env/z", "target", "plain"])
      writeFileSync(`${ws}/${name}`, name);
    symlinkSync("target", `${ws}/link.env`);
    const script = "cat x.env deep/y.env deep/conf.env/z link.env target; cat plain";
    const { stdout, stderr } = await sh(script, [...WORKSPACE_ONLY, glob("**/*.env")]);
    expect(stdout).toBe("plain");
    expect(stderr.match(/Permission denied/g)).toHaveLength(5);
  });

  test("a link to a folder does not hide the folder, whatever its name matches", async () => {
    symlinkSync(`${ws}/a`, `${ws}/link.env`);
    const { stdout } = await sh("cat a/secret", [...WORKSPACE_ONLY, glob("**/*.env")]);
    expect(stdout).toBe("hidden");
  });

  test.each(["file.env", "folder"])(
    "a %s that a pattern may mean, but no text can name, lets nothing start",
    async (kind) => {
      const path = Buffer.concat([Buffer.from(`${ws}/`), Buffer.from([0xff]), Buffer.from(".env")]);
      if (kind === "folder") mkdirSync(path);
      else writeFileSync(path, "x");
      const started = sh("true", [...WORKSPACE_ONLY, glob("**/*.env")]);
      await expect(started).rejects.toThrow(/^unreadable glob `.*` cannot be expanded: .* is not UTF-8$/);
    },
  );

  test("a missing path that is denied or to read does not come into being, and nothing stays behind", async () => {
    const entries = [...WORKSPACE_ONLY, literal(`${ws}/no/where`, "deny"), literal(`${ws}/none`, "read")];
    const { stdout, stderr } = await sh("mkdir -p no/where && echo made; echo x >none && echo made; ls -a", entries);
    expect(stdout).not.toContain("made");
    expect(stderr).toMatch(/no.*File exists|Not a directory/);
    expect(readdirSync(ws)).toEqual(["a"]);
  });

  test("its memory files are bounded, and nothing can be put beside the devices", async () => {
    const { stdout, stderr } = await sh(
      "df -B1 --output=size /dev/shm | tail -1; echo x >/dev/x; echo x >/dev/shm/x; echo x >/dev/null",
      [ROOT_READ],
    );
    const bytes = Number(stdout);
    expect(bytes).toBeGreaterThan(0);
    expect(bytes).toBeLessThanOrEqual(Math.min(2 * 1024 ** 3, totalmem() / 4));
    expect(stderr).toMatch(/^sh: .*\/dev\/x: Read-only file system\n$/);
  });

  test("an old bubblewrap confines all the same, without a bound for memory files", async () => {
    await using old = await machineWithout("--size");
    expect(old.machine.means).toMatchObject({ bubblewrap: { canLimitMemoryFiles: false } });
    const intent = intentFor(managed([ROOT_READ]), ws, { argv: ["sh", "-c", "echo x >/dev/shm/x && cat /dev/shm/x"] });
    expect(await runPlan(plan(intent, { ...old.machine, tmpdir: undefined }))).toMatchObject({ stdout: "x\n" });
  });

  test("a missing program starts nothing", async () => {
    const made = plan(intentFor(managed(WORKSPACE_ONLY), ws, { argv: ["no-such-program"] }), machine as Machine);
    const outcome = await runPlan(made);
    const stderr = "holdfast: cannot execute no-such-program: No such file or directory (os error 2)\n";
    expect(outcome).toEqual({ stdout: "", stderr, exitCode: 127 });
  });

  test("a command is started where /proc is hidden from it, and sees nothing of that", async () => {
    const { stdout, stderr, exitCode } = await sh("ls /proc; echo $0", [...WORKSPACE_ONLY, literal("/proc", "deny")]);
    expect(stdout).toBe("sh\n");
    expect(stderr).toMatch(/'?\/proc'?: Permission denied/);
    expect(exitCode).toBe(0);
  });

  test("the program is looked up in the command's own PATH", async () => {
    writeFileSync(`${ws}/my-program`, "#!/bin/sh\necho mine", { mode: 0o755 });
    const more = { argv: ["my-program"], env: { PATH: `${ws}:/bin` } };
    const { stdout } = await sh("", WORKSPACE_ONLY, more);
    expect(stdout).toBe("mine\n");
  });

  test("the wrapper loads no library that the command's environment names", async () => {
    const more = { env: { PATH: "/usr/bin:/bin", LD_LIBRARY_PATH: ws, LD_PRELOAD: "" } };
    for (const name of ["libcap.so.2", "libselinux.so.1", "libc.so.6"]) writeFileSync(`${ws}/${name}`, "no library");
    const made = plan(intentFor(managed(WORKSPACE_ONLY), ws, { argv: ["true"], ...more }), machine as Machine);
    const { stderr } = await runPlan(made);
    expect(stderr).not.toContain("bwrap:");
    expect(made.env).toEqual({});
  });

  test("the command sees its own environment, no capability and no descriptor of the wrapper", async () => {
    const script =
      "env; grep -E 'CapEff|NoNewPrivs|Seccomp:' /proc/self/status; echo pid $$; [ -e /proc/self/fd/4 ] || echo clean";
    const { stdout } = await sh(script, WORKSPACE_ONLY, { env: { PATH: "/usr/bin:/bin", a_b: "c\nd" } });
    const lines = stdout
      .split("\n")
      .map((line) => line.replace("\t", " "))
      .sort();
    const expected = ["", "CapEff: 0000000000000000", "NoNewPrivs: 1", "PATH=/usr/bin:/bin", `PWD=${ws}`, "Seccomp: 2"];
    expect(lines).toEqual([...expected, "a_b=c", "clean", "d", "pid 2"].sort());
  });

  test("the switches of the machine can not be written, not even by root", async () => {
    const { stdout } = await sh(
      "find /proc/sys/kernel/core_pattern /proc/sys/vm /proc/sys/dev /proc/fs -type f -writable 2>/dev/null",
      WORKSPACE_ONLY,
    );
    expect(stdout).toBe("");
  });

  test("a workspace behind a link is the folder that the link leads to", async () => {
    symlinkSync(ws, `${base}/link`);
    const intent = intentFor(managed(WORKSPACE_WRITE), `${base}/link`, { argv: ["sh", "-c", "echo x >made; pwd"] });
    const { stdout, stderr } = await runPlan(plan(intent, { ...(machine as Machine), tmpdir: undefined }));
    expect({ stdout, stderr }).toEqual({ stdout: `${ws}\n`, stderr: "" });
    expect(existsSync(`${ws}/made`)).toBe(true);
  });

  test("the repository that a .git file points to stays as it is", async () => {
    mkdirSync(`${ws}/repo/hooks`, { recursive: true });
    writeFileSync(`${ws}/.git`, "gitdir: repo\n");
    const { stdout, stderr } = await sh(
      "echo x >repo/hooks/pre-commit; echo y >.git; rm -f .git; echo z >free; ls",
      WORKSPACE_ONLY,
    );
    expect(stdout).toBe("a\nfree\nrepo\n");
    expect(stderr.match(/Read-only file system|Device or resource busy/g)).toHaveLength(3);
  });

  test("root-wide writing with a narrower entry leaves the metadata masks out where nobody could make the folders", async () => {
    const entries = [special("root", "write"), literal(`${ws}/a`, "read")];
    const { stdout, stderr, exitCode } = await sh("echo x >free; echo x >a/new", entries);
    expect({ stdout, exitCode }).toEqual({ stdout: "", exitCode: 2 });
    expect(stderr).toContain("Read-only file system");
    expect(existsSync(`${ws}/free`)).toBe(true);
  });
});
