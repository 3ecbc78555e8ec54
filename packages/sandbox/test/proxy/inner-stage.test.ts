import { describe, expect, test } from "vitest";
import { type InnerStage, innerStage } from "../../src/proxy/inner-stage.ts";
import { emulateStage } from "./stage-emulator.ts";

const NAMES: Readonly<Record<"x64" | "arm64", Readonly<Record<number, string>>>> = {
  x64: {
    1: "write",
    3: "close",
    41: "socket",
    46: "sendmsg",
    49: "bind",
    50: "listen",
    59: "execve",
    231: "exit_group",
  },
  arm64: {
    57: "close",
    64: "write",
    94: "exit_group",
    198: "socket",
    200: "bind",
    201: "listen",
    211: "sendmsg",
    221: "execve",
  },
};

function made(stage: Partial<InnerStage>, arch: "x64" | "arm64") {
  const { calls, memory, machine } = emulateStage(
    innerStage({ arch, argv: ["/bin/x"], env: {}, ports: [], channelFd: 5, ...stage }),
  );
  return { calls: calls.map(({ number, args }) => ({ name: NAMES[arch][number], args })), memory, machine };
}

describe.each(["x64", "arm64"] as const)("the inner stage on %s", (arch) => {
  test("is a program for it", () => {
    expect(made({}, arch).machine).toBe(arch === "x64" ? 62 : 183);
  });

  test("listens on each port of the loopback, hands the socket over and keeps nothing", () => {
    const { calls, memory } = made({ ports: [8080, 1080], channelFd: 5 }, arch);
    const ofPort = ["socket", "bind", "listen", "sendmsg", "close"];
    expect(calls.map(({ name }) => name)).toEqual([
      "close",
      "close",
      ...ofPort,
      ...ofPort,
      "close",
      "execve",
      "write",
      "exit_group",
    ]);
    expect(calls.filter(({ name }) => name === "close").map(({ args }) => args[0])).toEqual([3n, 4n, 3n, 3n, 5n]);
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

  test.each([
    ["one:/two::", ["one/tool", "/two/tool", "./tool", "./tool"]],
    [undefined, ["/usr/local/bin/tool", "/usr/bin/tool", "/bin/tool"]],
  ])("looks for it in a PATH of %s, in order", (path, files) => {
    const { calls, memory } = made({ argv: ["tool"], env: path === undefined ? {} : { PATH: path } }, arch);
    const tried = calls.filter(({ name }) => name === "execve").map(({ args }) => memory.text(args[0]!));
    expect(tried).toEqual(files);
  });

  test("says that it is not there, and ends with 127", () => {
    const { calls, memory } = made({ argv: ["tool"] }, arch);
    const [write, exit] = calls.slice(-2);
    expect(write!.args[0]).toBe(2n);
    expect(Buffer.from(memory.bytes(write!.args[1]!, Number(write!.args[2]))).toString()).toBe(
      "tool: not found, or not a program\n",
    );
    expect(exit!.args[0]).toBe(127n);
  });
});
