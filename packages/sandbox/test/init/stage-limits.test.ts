import { describe, expect, test } from "vitest";
import { type InitProgram, initImage } from "../../src/init/init-image.ts";
import { emulateStage } from "./stage-emulator.ts";

const CALLS = {
  x64: { write: 1, close: 3, execve: 59, exit: 231, prlimit: 302 },
  arm64: { write: 64, close: 57, execve: 221, exit: 94, prlimit: 261 },
} as const;
const [RLIMIT_DATA, RLIMIT_NPROC] = [2n, 6n];
const [SUCCESS, NOT_PERMITTED, INVALID, TOO_MANY] = [0n, -1n, -22n, -11n];

describe.each(["x64", "arm64"] as const)("a stage with limits, on %s", (arch) => {
  const numbers = CALLS[arch];

  /** What a stage does when joining a group and setting a limit have these results. */
  function made(
    limits: InitProgram["limits"],
    results: { readonly join?: bigint; readonly limit?: readonly bigint[] } = {},
  ) {
    const answers = [...(results.limit ?? [])];
    const stage: InitProgram = { arch, argv: ["/bin/x"], env: {}, ports: [8080], channelFd: 6, doneFd: 7, limits };
    const { calls, memory } = emulateStage(initImage(stage), ({ number, args }) => {
      if (number === numbers.write) return args[0] === 2n ? (args[2] ?? 0n) : (results.join ?? 1n);
      if (number === numbers.prlimit) return answers.shift() ?? SUCCESS;
      return 0n;
    });
    const last = calls.at(-1);
    const said = calls.filter(({ number, args }) => number === numbers.write && args[0] === 2n).at(-1);
    return {
      calls,
      memory,
      hasBegun: calls.some(({ number }) => number === numbers.execve),
      text: said && Buffer.from(memory.bytes(said.args[1] ?? 0n, Number(said.args[2]))).toString(),
      exitCode: last?.number === numbers.exit ? last.args[0] : undefined,
      limits: calls.filter(({ number }) => number === numbers.prlimit),
    };
  }

  test("joins its groups and closes them before it becomes the command", () => {
    const { calls, hasBegun } = made({ groupFds: [8, 9] });
    const until = calls.findIndex(({ number }) => number === numbers.execve);
    const [join, ...rest] = calls.slice(0, until).filter(({ args }) => args[0] === 8n || args[0] === 9n);
    expect(join?.number).toBe(numbers.write);
    expect(rest.map(({ number, args }) => [number, args[0]])).toEqual([
      [numbers.close, 8n],
      [numbers.write, 9n],
      [numbers.close, 9n],
    ]);
    expect(hasBegun).toBe(true);
  });

  test("sets both of its own limits, soft and hard", () => {
    const { limits, memory, hasBegun } = made({ groupFds: [], dataBytes: 2 ** 40, maxProcesses: 17 });
    expect(limits.map(({ args }) => [args[0], args[1], args[3]])).toEqual([
      [0n, RLIMIT_DATA, 0n],
      [0n, RLIMIT_NPROC, 0n],
    ]);
    const words = limits.map(({ args }) => [memory.word(args[2] ?? 0n), memory.word((args[2] ?? 0n) + 8n)]);
    expect(words).toEqual([
      [2n ** 40n, 2n ** 40n],
      [17n, 17n],
    ]);
    expect(hasBegun).toBe(true);
  });

  test("goes on where a limit is a lower one already: it can't be raised", () => {
    const outcome = made({ groupFds: [], dataBytes: 1 }, { limit: [NOT_PERMITTED, NOT_PERMITTED] });
    expect(outcome).toMatchObject({ hasBegun: true });
    expect(outcome.limits).toHaveLength(2);
  });

  test.each([
    ["a group can't be joined", { groupFds: [8] }, { join: TOO_MANY }],
    ["a group takes nothing", { groupFds: [8] }, { join: 0n }],
    ["memory can't be limited", { groupFds: [], dataBytes: 1 }, { limit: [INVALID, INVALID] }],
    ["processes can't be limited", { groupFds: [], maxProcesses: 1 }, { limit: [INVALID, INVALID] }],
    [
      "the second of two can't be",
      { groupFds: [], dataBytes: 1, maxProcesses: 1 },
      { limit: [SUCCESS, INVALID, INVALID] },
    ],
  ])("ends and becomes nothing where %s", (_, limits, results) => {
    expect(made(limits, results)).toMatchObject({
      hasBegun: false,
      text: "holdfast: nothing was started: the limits of the command could not be set\n",
      exitCode: 125n,
    });
  });
});
