import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { until } from "@holdfast/testkit";
import { describe, expect, test } from "vitest";
import { withFramedStdin } from "../../../src/process/input/framed-stdin.ts";
import { canRun } from "../../support/can-run.ts";
import { everyByte } from "../../support/every-byte.ts";

function frame(data: string | Uint8Array): Buffer {
  return Buffer.concat([Buffer.from(`${Buffer.byteLength(data)}\n`), Buffer.from(data)]);
}

const END = Buffer.from("0\n");

/** A shell, and whether it finds a `/proc`: without one the command runs below the shell. */
interface Place {
  readonly shell: readonly string[];
  readonly hides: readonly string[];
  readonly replacesShell: boolean;
}

const HIDING = ["unshare", "-rm", "sh", "-c", 'mount -t tmpfs none /proc && exec "$@"', "sh"];
const SHELLS = [["/bin/sh"], ["dash"], ["bash", "--norc", "--posix"], ["busybox", "sh"]].filter((shell) =>
  canRun([...shell, "-c", ":"]),
);
const PLACES: readonly (readonly [string, Place])[] = SHELLS.flatMap((shell) => [
  [shell.join(" "), { shell, hides: [], replacesShell: process.platform === "linux" }] as const,
  ...(canRun([...HIDING, "true"])
    ? [[`${shell.join(" ")} without /proc`, { shell, hides: HIDING, replacesShell: false }] as const]
    : []),
]);

describe.each(PLACES)("a stdin that ends: %s", (_, place) => {
  test("gives every byte of all frames, and then the end", async () => {
    const bytes = everyByte(700_000);
    await using command = start(place, ["cat"]);
    for (let at = 0; at < bytes.length; at += 123_457) command.stdin.write(frame(bytes.subarray(at, at + 123_457)));
    command.stdin.write(END);
    expect(await command.exit()).toEqual({ code: 0, stderr: "" });
    expect(command.stdout.equals(bytes)).toBe(true);
  });

  test.each([
    ["exit 7", 7],
    ["kill -KILL $$", 137],
    ["kill -TERM $$", 143],
  ])("keeps the exit of the command, and says nothing of its own: %s", async (script, code) => {
    await using command = start(place, ["sh", "-c", script]);
    expect(await command.exit()).toEqual({ code, stderr: "" });
  });

  test("a program that is missing is told, with 127", async () => {
    await using command = start(place, ["no-such-program"]);
    const { code, stderr } = await command.exit();
    expect(code).toBe(127);
    expect(stderr).toMatch(/^holdfast.*no-such-program.*not found\n$/);
  });

  test("a signal to the group reaches the command, which decides what becomes of it", async () => {
    await using command = start(place, [
      "sh",
      "-c",
      "trap 'cat; exit 5' INT; echo ready; while :; do sleep 0.05; done",
    ]);
    await until(() => command.stdout.includes("ready\n"));
    command.signalGroup("SIGINT");
    // What feeds it goes on: the command still reads.
    command.stdin.write(Buffer.concat([frame("after"), END]));
    expect(await command.exit()).toEqual({ code: 5, stderr: "" });
    expect(command.stdout.toString()).toBe("ready\nafter");
  });

  test("a command that signals its own group is the only one that feels it", async () => {
    await using command = start(place, ["sh", "-c", "trap 'cat; exit 3' TERM; kill -TERM 0; sleep 9"]);
    command.stdin.write(Buffer.concat([frame("on"), END]));
    expect(await command.exit()).toEqual({ code: 3, stderr: "" });
    expect(command.stdout.toString()).toBe("on");
  });

  test("ends with the command although input is left over, and leaves nothing behind", async () => {
    await using command = start(place, ["sh", "-c", "head -c 1; sleep 0.1"]);
    command.stdin.write(frame("x".repeat(300_000)));
    expect(await command.exit()).toEqual({ code: 0, stderr: "" });
    expect(command.stdout.toString()).toBe("x");
    await until(() => membersOf(command.pid).length === 0);
  });

  test("ends with the command although no input ever comes, and leaves nothing behind once stdin is closed", async () => {
    await using command = start(place, ["sh", "-c", "exit 4"]);
    expect(await command.exit()).toEqual({ code: 4, stderr: "" });
    command.stdin.end();
    await until(() => membersOf(command.pid).length === 0);
  });

  test("the environment of the command is the caller's, PATH included", async () => {
    const env = { PATH: "/usr/bin:/bin:/nowhere", count: "1", only: "this" };
    await using command = start(place, ["env"], env);
    command.stdin.write(END);
    await command.exit();
    const lines = command.stdout.toString().trim().split("\n");
    // What shells themselves add.
    const kept = lines.filter((line) => !/^(PWD|OLDPWD|SHLVL|POSIXLY_CORRECT|_)=/.test(line)).sort();
    expect(kept).toEqual(["PATH=/usr/bin:/bin:/nowhere", "count=1", "only=this"]);
  });

  test("the command has no descriptors but its three, ignores no signal, and has no children it does not know", async () => {
    if (place.hides.length > 0 || process.platform !== "linux") return;
    const script = "ls /proc/$$/fd; grep SigIgn /proc/$$/status; wc -w </proc/$$/task/$$/children";
    const argv = ["dash", "-c", `${script}; :`];
    const plain = spawnSync("dash", argv.slice(1), { stdio: ["pipe", "pipe", "pipe"] }).stdout.toString();
    await using command = start(place, argv);
    await command.exit();
    expect(command.stdout.toString()).toBe(plain);
  });

  test("the command is the leader of its group where there is a way", async () => {
    if (!place.replacesShell) return;
    await using command = start(place, ["sh", "-c", "trap 'echo led; exit 6' TERM; kill -TERM -$$; sleep 9"]);
    expect(await command.exit()).toEqual({ code: 6, stderr: "" });
    expect(command.stdout.toString()).toBe("led\n");
  });
});

describe.runIf(process.platform === "linux")("stdin as a file", () => {
  test("that can be sought in, has no name any more and is nobody else's", async () => {
    const script = "stat -L -c '%F %h' /dev/stdin; cat >/dev/null; cat /dev/stdin";
    await using command = start(
      { shell: ["/bin/sh"], hides: [], replacesShell: true },
      ["sh", "-c", script],
      undefined,
      "file",
    );
    command.stdin.write(Buffer.concat([frame("one "), frame("two"), END]));
    expect(await command.exit()).toEqual({ code: 0, stderr: "" });
    expect(command.stdout.toString()).toBe("regular file 0\none two");
  });

  test("nothing is started when it breaks off", async () => {
    await using command = start(
      { shell: ["/bin/sh"], hides: [], replacesShell: true },
      ["echo", "ran"],
      undefined,
      "file",
    );
    command.stdin.end(frame("half"));
    const { code, stderr } = await command.exit();
    expect([code, command.stdout.toString()]).toEqual([1, ""]);
    expect(stderr).toMatch(/^holdfast: .*stdin.*stream it instead\n$/);
  });
});

interface Started extends AsyncDisposable {
  readonly pid: number;
  readonly stdin: NonNullable<ChildProcess["stdin"]>;
  readonly stdout: Buffer;
  signalGroup(signal: NodeJS.Signals): void;
  /** The leader's end, 128 + n for a signal, once its outputs are closed. */
  exit(): Promise<{ code: number; stderr: string }>;
}

function start(
  { shell, hides }: Place,
  argv: readonly string[],
  env?: Record<string, string>,
  kind: "stream" | "file" = "stream",
): Started {
  const [, ...words] = withFramedStdin(kind, argv);
  const [program = "", ...rest] = [...hides, ...shell, ...words];
  const child = spawn(program, rest, { stdio: ["pipe", "pipe", "pipe"], detached: true, ...(env && { env }) });
  const closed = once(child, "close") as Promise<[number | null, NodeJS.Signals | null]>;
  const out: Buffer[] = [];
  const errors: Buffer[] = [];
  child.stdout.on("data", (chunk: Buffer) => out.push(chunk));
  child.stderr.on("data", (chunk: Buffer) => errors.push(chunk));
  child.stdin.on("error", () => {});
  const pid = child.pid ?? 0;
  return {
    pid,
    stdin: child.stdin,
    get stdout() {
      return Buffer.concat(out);
    },
    signalGroup: (signal) => void process.kill(-pid, signal),
    async exit() {
      const [code, signal] = await closed;
      const numbers: Readonly<Record<string, number>> = { SIGKILL: 137, SIGTERM: 143, SIGINT: 130 };
      return { code: code ?? numbers[signal ?? ""] ?? -1, stderr: Buffer.concat(errors).toString() };
    },
    async [Symbol.asyncDispose]() {
      try {
        process.kill(-pid, "SIGKILL");
      } catch {
        // Nobody is left.
      }
      child.stdin.destroy();
    },
  };
}

/** Living processes of this session. */
function membersOf(session: number): string[] {
  if (process.platform !== "linux") {
    return spawnSync("ps", ["-o", "pid=", "-g", String(session)])
      .stdout.toString()
      .trim()
      .split("\n")
      .filter(Boolean);
  }
  return readdirSync("/proc").filter((name) => {
    if (!/^\d+$/.test(name)) return false;
    try {
      const stat = readFileSync(`/proc/${name}/stat`, "latin1");
      const [state, , , inSession] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
      return Number(inSession) === session && state !== "Z";
    } catch {
      return false;
    }
  });
}
