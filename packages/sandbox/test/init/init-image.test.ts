import { describe, expect, test } from "vitest";
import { type InitProgram, initImage } from "../../src/init/init-image.ts";
import { type Answer, emulateStage } from "./stage-emulator.ts";

const NAMES: Readonly<Record<"x64" | "arm64", Readonly<Record<number, string>>>> = {
  x64: {
    1: "write",
    3: "close",
    16: "ioctl",
    41: "socket",
    46: "sendmsg",
    112: "setsid",
    49: "bind",
    50: "listen",
    59: "execve",
    231: "exit_group",
    302: "prlimit64",
  },
  arm64: {
    29: "ioctl",
    57: "close",
    64: "write",
    94: "exit_group",
    157: "setsid",
    198: "socket",
    200: "bind",
    201: "listen",
    211: "sendmsg",
    221: "execve",
    261: "prlimit64",
  },
};

function made(stage: Partial<InitProgram>, arch: "x64" | "arm64", answer?: Answer) {
  const { calls, memory, machine } = emulateStage(
    initImage({ arch, argv: ["/bin/x"], env: {}, ports: [], channelFd: 5, ...stage }),
    answer,
  );
  return { calls: calls.map(({ number, args }) => ({ name: NAMES[arch][number], args })), memory, machine };
}

describe.each(["x64", "arm64"] as const)("the init image on %s", (arch) => {
  test("is a program for it", () => {
    expect(made({}, arch).machine).toBe(arch === "x64" ? 62 : 183);
  });

  test("listens on each port of the loopback, hands the socket over and keeps nothing", () => {
    const { calls, memory } = made({ ports: [8080, 1080], channelFd: 5, doneFd: 6 }, arch);
    const ofPort = ["socket", "bind", "listen", "sendmsg", "close"];
    const names = calls.map(({ name }) => name);
    expect(names.slice(0, names.indexOf("execve"))).toEqual(["close", "close", ...ofPort, ...ofPort, "close", "close"]);
    expect(calls.filter(({ name }) => name === "close").map(({ args }) => args[0])).toEqual([3n, 4n, 3n, 3n, 5n, 6n]);
    const binds = calls.filter(({ name }) => name === "bind");
    expect(binds.map(({ args }) => [args[0], args[2], [...memory.bytes(args[1]!, 8)]])).toEqual([
      [3n, 16n, [2, 0, 8080 >> 8, 8080 & 255, 127, 0, 0, 1]],
      [3n, 16n, [2, 0, 1080 >> 8, 1080 & 255, 127, 0, 0, 1]],
    ]);
    const sent = calls
      .filter(({ name }) => name === "sendmsg")
      .map(({ args }) => {
        const header = args[1]!;
        const vector = memory.word(header + 16n);
        const control = memory.word(header + 32n);
        return {
          to: args[0],
          text: Buffer.from(memory.bytes(memory.word(vector), Number(memory.word(vector + 8n)))).toString(),
          control: [...memory.bytes(control, Number(memory.word(header + 40n)))],
        };
      });
    const control = [20, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0];
    expect(sent).toEqual(
      [8080, 1080].map((innerPort) => ({
        to: 5n,
        text: `{"cmd":"NODE_HANDLE","type":"net.Native","msg":{"innerPort":${innerPort}}}\n`,
        control,
      })),
    );
  });

  test("becomes the command, with its own name, arguments and environment", () => {
    const stage = { argv: ["/bin/tool", "", "a b", "ü"], arg0: "other", env: { A: "1", B: "" } };
    const { calls, memory } = made(stage, arch);
    const [file, argv, env] = calls.find(({ name }) => name === "execve")!.args;
    expect(memory.text(file!)).toBe("/bin/tool");
    expect(memory.texts(argv!)).toEqual(["other", "", "a b", "ü"]);
    expect(memory.texts(env!)).toEqual(["A=1", "B="]);
  });

  test("takes the terminal and the limit before anything that can be seen outside", () => {
    const { calls, memory } = made({ ports: [80], ownsTerminal: true, maxProcesses: 7 }, arch);
    const [session, terminal, limit] = calls.filter(({ name }) => name !== "close");
    expect(session?.name).toBe("setsid");
    expect([terminal?.name, terminal?.args.slice(0, 3)]).toEqual(["ioctl", [0n, 0x540en, 0n]]);
    expect([limit?.name, limit?.args.slice(0, 2), limit?.args[3]]).toEqual(["prlimit64", [0n, 6n], 0n]);
    expect([memory.word(limit!.args[2]!), memory.word(limit!.args[2]! + 8n)]).toEqual([7n, 7n]);
    expect(made({}, arch).calls.map(({ name }) => name)).not.toContain("ioctl");
  });

  /** Answers to `execve` by the file that it names, and what was tried, said and answered in the end. */
  function tried(stage: Partial<InitProgram>, answers: Readonly<Record<string, bigint>>) {
    const execve = arch === "x64" ? 59 : 221;
    const { calls, memory } = made(stage, arch, ({ number, args }, within) =>
      number === execve ? (answers[within.text(args[0]!)] ?? -2n) : 0n,
    );
    const [write, exit] = calls.slice(-2);
    return {
      files: calls.filter(({ name }) => name === "execve").map(({ args }) => memory.text(args[0]!)),
      text: Buffer.from(memory.bytes(write!.args[1]!, Number(write!.args[2]))).toString(),
      stream: write!.args[0],
      exitCode: exit!.args[0],
    };
  }

  test.each([
    ["one:/two::/two:one", ["one/tool", "/two/tool", "./tool"]],
    ["", ["./tool"]],
    [undefined, ["/usr/local/bin/tool", "/usr/bin/tool", "/bin/tool"]],
  ])("looks for it in a PATH of %s, in order", (path, files) => {
    const { files: asked } = tried({ argv: ["tool"], env: path === undefined ? {} : { PATH: path } }, {});
    expect(asked.slice(0, files.length)).toEqual(files);
    expect(new Set(asked)).toEqual(new Set(files));
  });

  test("looks into no more folders than it says, and says so", () => {
    const path = Array.from({ length: 300 }, (_, index) => `/p${index}`).join(":");
    const { files, text, exitCode } = tried({ argv: ["tool"], env: { PATH: `${path}:${path}` } }, {});
    expect(new Set(files).size).toBe(256);
    expect(text).toMatch(
      /^holdfast: cannot execute tool: No such file or directory \(os error 2\): `PATH` names more than 256 folders/,
    );
    expect(exitCode).toBe(127n);
  });

  test.each([
    ["is not there", -2n, "No such file or directory (os error 2)", 127n],
    ["leads over a file", -20n, "Not a directory (os error 20)", 127n],
    ["must not be run", -13n, "Permission denied (os error 13)", 126n],
    ["has too many arguments", -7n, "Argument list too long (os error 7)", 126n],
    ["is no program", -8n, "Exec format error (os error 8)", 126n],
    ["is a loop of links", -40n, "Too many levels of symbolic links (os error 40)", 126n],
    ["fails otherwise", -22n, "it is no program for this machine", 126n],
  ])("says why, on standard error, when the command %s", (_, answer, reason, exitCode) => {
    const { text, stream, exitCode: code } = tried({ argv: ["/x/tool"] }, { "/x/tool": answer });
    expect({ text, stream, code }).toEqual({
      text: `holdfast: cannot execute /x/tool: ${reason}\n`,
      stream: 2n,
      code: exitCode,
    });
  });

  test("prefers, of all folders, the one where it is refused", () => {
    const { text } = tried({ argv: ["tool"], env: { PATH: "/a:/b" } }, { "/a/tool": -13n });
    expect(text).toBe("holdfast: cannot execute tool: Permission denied (os error 13)\n");
  });

  test("is refused where it is found, though it is no program: no shell guesses what it means", () => {
    const stage = { argv: ["tool", "a", "b"], env: { PATH: "/a:/b:/c" } };
    const { files, text, exitCode } = tried(stage, { "/b/tool": -8n });
    expect(files).toEqual(["/a/tool", "/b/tool"]);
    expect(text).toBe("holdfast: cannot execute tool: Exec format error (os error 8)\n");
    expect(exitCode).toBe(126n);
  });
});
