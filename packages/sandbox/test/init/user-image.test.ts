import { describe, expect, test } from "vitest";
import { USER_REFUSALS, type UserProgram, userImage } from "../../src/init/user-image.ts";
import { type Answer, emulateStage } from "./stage-emulator.ts";

const NAMES: Readonly<Record<"x64" | "arm64", Readonly<Record<number, string>>>> = {
  x64: {
    1: "write",
    3: "close",
    59: "execve",
    80: "chdir",
    116: "setgroups",
    117: "setresuid",
    119: "setresgid",
    126: "capset",
    231: "exit_group",
    292: "dup3",
  },
  arm64: {
    24: "dup3",
    49: "chdir",
    57: "close",
    64: "write",
    91: "capset",
    94: "exit_group",
    147: "setresuid",
    149: "setresgid",
    159: "setgroups",
    221: "execve",
  },
};

const PROGRAM: Omit<UserProgram, "arch"> = {
  argv: ["run", "x"],
  env: { PATH: "/a:/b", HOME: "/home/u" },
  uid: 1_000,
  gid: 100,
  groups: [100, 4],
  cwd: Buffer.from("/work"),
  imageFd: 3,
  statusFd: 4,
};

describe.each(["x64", "arm64"] as const)("the user image on %s", (arch) => {
  const numberOf = (name: string) => Number(Object.entries(NAMES[arch]).find(([, each]) => each === name)?.[0]);

  /** @param failing - Calls that fail, with the number of their error. */
  function run(failing: Readonly<Record<string, number>> = {}, program: Partial<UserProgram> = {}) {
    const errnos = new Map(Object.entries(failing).map(([name, errno]) => [numberOf(name), BigInt(errno)]));
    const answer: Answer = ({ number }) => -(errnos.get(number) ?? 0n);
    const { calls, memory } = emulateStage(userImage({ ...PROGRAM, arch, ...program }), answer);
    const named = calls.map(({ number, args }) => ({ name: NAMES[arch][number] ?? String(number), args }));
    const told = named.filter(({ name }) => name === "write").map(({ args }) => [...memory.bytes(args[1] ?? 0n, 2)]);
    return { calls: named, names: named.map(({ name }) => name), told, memory };
  }

  test("gives up groups, then group ids, then user ids, then capabilities, and only then goes on", () => {
    const { calls, names, memory } = run({ execve: 2 });
    const until = names.indexOf("execve");
    expect(names.slice(0, until)).toEqual([
      "dup3",
      "close",
      "close",
      "setgroups",
      "setresgid",
      "setresuid",
      "capset",
      "chdir",
      "close",
    ]);
    const args = (name: string) => calls.find((call) => call.name === name)?.args ?? [];
    expect(args("setresgid").slice(0, 3)).toEqual([100n, 100n, 100n]);
    expect(args("setresuid").slice(0, 3)).toEqual([1_000n, 1_000n, 1_000n]);
    expect(args("setgroups")[0]).toBe(2n);
    expect([...memory.bytes(args("setgroups")[1] ?? 0n, 8)]).toEqual([100, 0, 0, 0, 4, 0, 0, 0]);
    expect([...memory.bytes(args("capset")[1] ?? 0n, 24)]).toEqual(Array.from({ length: 24 }, () => 0));
    expect(memory.text(args("chdir")[0] ?? 0n)).toBe("/work");
    expect([memory.text(args("execve")[0] ?? 0n), memory.texts(args("execve")[1] ?? 0n)]).toEqual([
      "/a/run",
      ["run", "x"],
    ]);
  });

  test.each(["setgroups", "setresgid", "setresuid", "capset"])("starts nothing when %s fails", (name) => {
    const { names, told } = run({ [name]: 1 });
    expect(names.slice(names.indexOf(name))).toEqual([name, "write", "exit_group"]);
    expect(told).toEqual([[USER_REFUSALS.identity, 0]]);
  });

  test.each([13, 2, 20, 40, 36, 5])("starts nothing when the folder can't be entered, and says why: %d", (errno) => {
    const { names, told } = run({ chdir: errno });
    expect(names).not.toContain("execve");
    expect(told).toEqual([[USER_REFUSALS.folder, errno === 5 ? 0 : errno]]);
    expect(names.at(-1)).toBe("exit_group");
  });

  test.each([13, 2, 8, 7, 99])("says why the program can't be run: %d", (errno) => {
    expect(run({ execve: errno }).told).toEqual([[USER_REFUSALS.program, errno === 99 ? 0 : errno]]);
  });

  test("leaves the superuser's capabilities to the superuser", () => {
    expect(run({ execve: 2 }, { uid: 0, gid: 0, groups: [0] }).names).not.toContain("capset");
  });
});
