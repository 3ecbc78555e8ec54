import { readdirSync, readFileSync } from "node:fs";
import { until } from "@holdfast/testkit";
import { describe, expect, test } from "vitest";
import { type ExecutorLimits, findLimitMeans } from "../../src/index.ts";
import { Line } from "../wire/line.ts";
import { canConfine, confinedTo, special, workspace, workspaceWrite } from "./sandbox.ts";

const MIB = 1_048_576;
const means = findLimitMeans();
/** Far below what a shared machine has to spare, and far above what a shell takes. */
const MEMORY = { maxCommandMemoryBytes: 64 * MIB };
const PROCESSES = { maxCommandProcesses: 64 };

function exitOf(line: Line, id: string) {
  return line.of(id).find(({ method }) => method === "process/exited")?.params;
}

function lineWith(limits: Partial<ExecutorLimits>) {
  return Line.ready({ limits });
}

/** Takes 200 MiB at most, ten at a time, and says how far it has come. */
const HOG = [
  "perl",
  "-e",
  '$| = 1; for my $i (1 .. 20) { push @x, "x" x (10 * 1048576); print "$i\\n" } print "all\\n"',
];

/** Groups of ours, wherever they may be made. */
function groupsLeft(): readonly string[] {
  return [means.memory, means.processes].flatMap((each) =>
    each.kind === "group" ? readdirSync(each.parent).filter((name) => name.includes(`-${process.pid}.`)) : [],
  );
}

describe.skipIf(!canConfine)("a limit on memory", () => {
  test.each([
    ["a command", false],
    ["a command on a terminal", true],
  ])("ends %s that takes more, and nothing else", async (_, tty) => {
    using folder = workspace();
    await using line = await lineWith(MEMORY);
    const more = { cwd: folder.uri, sandbox: workspaceWrite(folder.path), tty };
    await line.run("p", HOG, more);
    expect(line.text("p")).toMatch(/^1\r?\n/);
    expect(line.text("p")).not.toContain("all");
    // By the kernel where it is the group's; by a refused allocation where it is the process's.
    if (means.memory.kind === "group" && !tty) expect(exitOf(line, "p")).toMatchObject({ exitCode: 137 });
    else expect(exitOf(line, "p")?.exitCode).not.toBe(0);
    expect(await line.run("q", ["echo", "fine"], { ...more, tty: false })).toBe("fine\n");
    await until(() => groupsLeft().length === 0);
  });

  test.skipIf(means.memory.kind !== "group")(
    "holds for a command and its descendants together, wherever they went",
    async () => {
      using folder = workspace();
      await using line = await lineWith(MEMORY);
      // Four times 30 MiB, of which each alone would be allowed, held until all are there or somebody was ended.
      const holder = `$x = "x" x (30 * 1048576); $x .= "y"; print "held\\n"; sleep 2`;
      const script = `for i in 1 2 3 4; do setsid perl -e '$| = 1; ${holder}' & done; wait`;
      await line.run("p", ["sh", "-c", script], { cwd: folder.uri, sandbox: workspaceWrite(folder.path) });
      expect(line.text("p").split("held").length - 1).toBeLessThan(4);
      await until(() => groupsLeft().length === 0);
    },
  );

  test.skipIf(means.memory.kind !== "group")("counts files in memory", async () => {
    using folder = workspace();
    await using line = await lineWith(MEMORY);
    const script = "head -c 200M /dev/zero >/dev/shm/f; ls -l /dev/shm/f";
    await line.run("p", ["sh", "-c", script], { cwd: folder.uri, sandbox: workspaceWrite(folder.path) });
    expect(line.text("p")).not.toContain(String(200 * MIB));
  });

  test("lets a command be that takes less, V8 with its reservations among them", async () => {
    using folder = workspace();
    // V8 maps half a GiB for code that it may never have, writable, so the resource limit counts it.
    const maxCommandMemoryBytes = (means.memory.kind === "group" ? 512 : 1_024) * MIB;
    await using line = await lineWith({ maxCommandMemoryBytes });
    const argv = [process.execPath, "-e", "console.log(Buffer.alloc(100 * 1048576, 1).length)"];
    const text = await line.run("p", argv, { cwd: folder.uri, sandbox: workspaceWrite(folder.path) });
    expect(text).toBe(`${100 * MIB}\n`);
  });
});

describe.skipIf(!canConfine || means.processes.kind === "none")("a limit on processes", () => {
  /** Never more than there may be, whatever it tries; ended by whoever started it, or by itself after 60 s. */
  const BOMB = "f() { f & f & sleep 60; }; echo begun; f";
  const isBombing = () =>
    readdirSync("/proc").filter((name) => {
      try {
        return readFileSync(`/proc/${Number(name)}/cmdline`, "utf8") === `sleep\0${60}.${process.pid}\0`;
      } catch {
        return false;
      }
    });

  test("holds a fork bomb: the executor answers, and terminate leaves nothing", async () => {
    using folder = workspace();
    await using line = await lineWith(PROCESSES);
    const sandbox = workspaceWrite(folder.path);
    const script = BOMB.replace("sleep 60", `sleep 60.${process.pid}`);
    await line.start("p", ["sh", "-c", `ulimit -t 60; (${script}) 2>/dev/null`], { cwd: folder.uri, sandbox });
    await until(() => isBombing().length > 0);
    expect(await line.run("q", ["echo", "fine"], { cwd: folder.uri, sandbox })).toBe("fine\n");
    expect(isBombing().length).toBeLessThanOrEqual(64);
    expect(await line.call("process/terminate", { processId: "p" })).toEqual({ running: true });
    await line.when(() => line.isClosed("p"));
    expect(exitOf(line, "p")).toMatchObject({ exitCode: 137 });
    await until(() => isBombing().length === 0);
    await until(() => groupsLeft().length === 0);
  });

  /** How many processes there are at once, the one that counts included. */
  const COUNT = [
    "perl",
    "-e",
    "my $n = 1; while ($n < 200) { my $pid = fork; last unless defined $pid; if ($pid == 0) { sleep 30; exit } $n++; push @k, $pid } kill 9, @k; print $n",
  ];

  test.each([1, 7, 64])("is just that: %i", async (maxCommandProcesses) => {
    using folder = workspace();
    await using line = await lineWith({ maxCommandProcesses });
    const text = await line.run("p", COUNT, { cwd: folder.uri, sandbox: workspaceWrite(folder.path) });
    expect(text).toBe(String(maxCommandProcesses));
  });

  test("counts each command by itself", async () => {
    using folder = workspace();
    await using line = await lineWith({ maxCommandProcesses: 7 });
    const more = { cwd: folder.uri, sandbox: workspaceWrite(folder.path) };
    const ids = ["a", "b", "c"];
    expect(await Promise.all(ids.map((id) => line.run(id, COUNT, more)))).toEqual(["7", "7", "7"]);
  });

  test("holds beside a network proxy", async () => {
    using folder = workspace();
    await using line = await lineWith({ maxCommandProcesses: 7 });
    const proxy = {
      enabled: true,
      enableSocks5: true,
      enableSocks5Udp: false,
      allowUpstreamProxy: false,
      dangerouslyAllowAllUnixSockets: false,
      mode: "full",
      allowLocalBinding: true,
    };
    const more = { networkProxy: { proxy }, enforceManagedNetwork: true };
    const text = await line.run("p", COUNT, { cwd: folder.uri, sandbox: workspaceWrite(folder.path), ...more });
    expect(text).toBe("7");
  });

  test("and one on memory hold together, and of neither the command gets a descriptor", async () => {
    using folder = workspace();
    await using line = await lineWith({ ...MEMORY, ...PROCESSES });
    const more = { cwd: folder.uri, sandbox: workspaceWrite(folder.path) };
    const text = await line.run("p", ["sh", "-c", "ls /proc/self/fd; ls -l /proc/1/fd 2>/dev/null"], more);
    // The last one is that of `ls` itself.
    expect(text.trim().split("\n").slice(0, 4)).toEqual(["0", "1", "2", "3"]);
    expect(text).not.toContain("cgroup");
    expect(await line.run("q", COUNT, more)).toBe("64");
  });

  test.each([
    ["no sandbox", undefined],
    ["one that confines nothing", { permissions: { type: "disabled" }, windowsSandboxLevel: "disabled" }],
  ])("does not hold for a command with %s", async (_, sandbox) => {
    await using line = await lineWith({ maxCommandProcesses: 7 });
    const script =
      "my @k; for (1 .. 10) { my $pid = fork // last; if ($pid == 0) { sleep 30; exit } push @k, $pid } kill 9, @k; print scalar @k";
    expect(await line.run("p", ["perl", "-e", script], { sandbox })).toBe("10");
  });

  test("does not hold up requests for files, which are no commands", async () => {
    using folder = workspace();
    await using line = await lineWith({ maxCommandMemoryBytes: MIB, maxCommandProcesses: 1 });
    const sandbox = workspaceWrite(folder.path);
    await line.call("fs/writeFile", { path: folder.uriOf("f"), dataBase64: "eA==", sandbox });
    expect(readFileSync(folder.at("f"), "utf8")).toBe("x");
  });
});

describe.skipIf(!canConfine)("a command that may write everywhere", () => {
  test.skipIf(means.memory.kind !== "group" && means.processes.kind !== "group")(
    "neither leaves its group nor changes it",
    async () => {
      using folder = workspace();
      await using line = await lineWith({ ...MEMORY, ...PROCESSES });
      const parents = [means.memory, means.processes].flatMap((each) => (each.kind === "group" ? [each.parent] : []));
      const script = parents
        .map(
          (parent) =>
            `echo 0 >${parent}/cgroup.procs && echo out; for f in ${parent}/holdfast-*/*max* ${parent}/holdfast-*/*limit*; do echo 1000000000 >$f && echo changed; done; rmdir ${parent}/holdfast-* && echo gone; mkdir ${parent}/holdfast-x && echo made`,
        )
        .join("; ");
      const sandbox = confinedTo(folder.path, [special("root", "write")]);
      const text = await line.run("p", ["sh", "-c", `(${script}) 2>&1; echo end`], { cwd: folder.uri, sandbox });
      expect(text).not.toMatch(/^(out|changed|gone|made)$/m);
      expect(text).toMatch(/Read-only file system/);
      expect(text).toMatch(/^end$/m);
    },
  );
});

describe("a limit", () => {
  test.each([
    ["maxCommandMemoryBytes", 1_048_575, "maxCommandMemoryBytes must be from 1048576 to 1125899906842624, not 1048575"],
    ["maxCommandProcesses", 0, "maxCommandProcesses must be from 1 to 4194304, not 0"],
    ["maxCommandProcesses", Number.NaN, "maxCommandProcesses must be from 1 to 4194304, not NaN"],
    ["closedRetentionMs", Number.POSITIVE_INFINITY, "closedRetentionMs must be from 0 to 2147483647, not Infinity"],
  ])("out of its range is refused: %s=%d", async (name, value, message) => {
    await expect(Line.ready({ limits: { [name]: value } })).rejects.toThrow(new RangeError(message));
  });
});
