import { describe, expect, test, vi } from "vitest";
import { connect } from "../../src/connect.ts";
import { InvalidArgumentError } from "../../src/errors.ts";
import type { Executor } from "../../src/executor.ts";
import { connected } from "../support/connected.ts";

const HALF = "\ud83d";
const STREAM = new WritableStream();

const CASES: readonly (readonly [argument: string, words: string, call: (executor: Executor) => unknown])[] = [
  ["argv", 'not a string: for a command line use ["sh", "-c", "echo hi"]', (ex) => ex.run("echo hi" as never)],
  ["argv", "argv must be an array of strings, not undefined", (ex) => ex.run(undefined as never)],
  ["argv", "argv must not be empty", (ex) => ex.run([])],
  ["argv", "argv[1] must be a string, not 5", (ex) => ex.run(["echo", 5] as never)],
  ["argv", "argv[1] must be a string, not undefined", (ex) => ex.run(new Array(2).fill("a", 0, 1))],
  ["argv", "half of a pair of surrogates", (ex) => ex.run(["echo", HALF])],
  ["argv", "a NUL character", (ex) => ex.run(["echo", "a\0b"])],
  ["env.A", "env.A must be a string or undefined, not 5", (ex) => ex.run(["a"], { env: { A: 5 } as never })],
  ["env.A", "not null", (ex) => ex.run(["a"], { env: { A: null } as never })],
  ["env", "env must be an object of strings, not an array", (ex) => ex.run(["a"], { env: [] as never })],
  ["env", "half of a pair of surrogates", (ex) => ex.run(["a"], { env: { A: HALF } })],
  ["cwd", "cwd must be a path or a file: URL, not 5", (ex) => ex.run(["a"], { cwd: 5 as never })],
  ["cwd", "half of a pair of surrogates: /a\ufffd", (ex) => ex.run(["a"], { cwd: `/a${HALF}` })],
  ["cwd", "is not absolute", (ex) => ex.run(["a"], { cwd: "~" })],
  ["timeout", "did you mean timeoutMs?", (ex) => ex.run(["a"], { timeout: 100 } as never)],
  ["shell", "it takes cwd, env, ", (ex) => ex.run(["a"], { shell: true } as never)],
  ["options", "the options of executor.run must be an object, not 5", (ex) => ex.run(["a"], 5 as never)],
  ["timeoutMs", "milliseconds above 0, or Infinity for no limit, not 0", (ex) => ex.run(["a"], { timeoutMs: 0 })],
  ["timeoutMs", "not -1", (ex) => ex.run(["a"], { timeoutMs: -1 })],
  ["timeoutMs", "not NaN", (ex) => ex.run(["a"], { timeoutMs: Number.NaN })],
  ["timeoutMs", 'not "5000"', (ex) => ex.run(["a"], { timeoutMs: "5000" as never })],
  ["maxOutputBytes", "not NaN", (ex) => ex.run(["a"], { maxOutputBytes: Number.NaN })],
  ["encoding", '"utf8" or "bytes", not "latin1"', (ex) => ex.run(["a"], { encoding: "latin1" as never })],
  ["signal", "signal must be an AbortSignal, not an object", (ex) => ex.run(["a"], { signal: {} as never })],
  ["onOutput", "onOutput must be a function", (ex) => ex.run(["a"], { onOutput: true as never })],
  ["tty", "tty must be true or false", (ex) => ex.run(["a"], { tty: "yes" as never })],
  ["argv", "argv must be an array", (ex) => ex.processes.start({} as never)],
  ["processId", "must not be empty", (ex) => ex.processes.start({ argv: ["a"], processId: "" })],
  ["pipeStdn", "did you mean pipeStdin?", (ex) => ex.processes.start({ argv: ["a"], pipeStdn: true } as never)],
  ["signals", "did you mean signal?", (ex) => ex.processes.start({ argv: ["a"] }, { signals: 1 } as never)],
  ["afterSeq", "an integer from 0 to 2^53 - 1, not -1", (ex) => ex.processes.attach("p", { afterSeq: -1 })],
  ["processId", "must be a string", (ex) => ex.processes.attach(5 as never)],
  ["path", "path must be a path or a file: URL, not undefined", (ex) => ex.fs.readFile(undefined as never)],
  ["path", "path has a NUL character", (ex) => ex.fs.readFile("/a\0b")],
  ["path", "half of a pair of surrogates", (ex) => ex.fs.metadata(`/${HALF}`)],
  ["timeoutMs", "not 0", (ex) => ex.fs.readFile("/a", { timeoutMs: 0 })],
  [
    "data",
    "data must be a string, Uint8Array, ArrayBuffer, Blob, ReadableStream or AsyncIterable, not 5",
    (ex) => ex.fs.writeFile("/a", 5 as never),
  ],
  ["data", "half of a pair of surrogates: a\ufffd", (ex) => ex.fs.writeFile("/a", `a${HALF}`)],
  ["data", "half of a pair of surrogates", (ex) => ex.fs.appendFile("/a", HALF)],
  ["input", "half of a pair of surrogates", (ex) => ex.run(["a"], { input: HALF })],
  ["recursiv", "did you mean recursive?", (ex) => ex.fs.remove("/a", { recursiv: true } as never)],
  ["force", "force must be true or false, not 1", (ex) => ex.fs.remove("/a", { force: 1 as never })],
  ["destination", "must be a path", (ex) => ex.fs.copy("/a", undefined as never)],
  ["maxDepth", "an integer from 0 to 64, not 100", (ex) => ex.fs.walk("/a", { maxDepth: 100 })],
  ["mode", '"read" or "replace", not "w"', (ex) => ex.fs.open("/a", { mode: "w" as never })],
  ["offset", "an integer from 0", async (ex) => ex.fs.createReadStream("/a", { offset: -1 })],
  ["path", "is not absolute", async (ex) => ex.fs.createReadStream("a")],
  ["mode", "an integer from 0 to 4095, not 4096", async (ex) => ex.fs.createWriteStream("/a", { mode: 0o10000 })],
  ["timeout", "did you mean timeoutMs?", (ex) => ex.fetch("http://a/", { timeout: 5 } as never)],
  ["dispatcher", "made by the executor", (ex) => ex.fetch("http://a/", { dispatcher: STREAM } as never)],
];

describe("what can not be sent is refused with the name of the argument, and nothing is sent", () => {
  test.each(CASES)("%s: %s", async (argument, words, call) => {
    await using line = await connected();
    const before = line.server.received.length;
    const refusal = await Promise.resolve()
      .then(() => call(line.executor))
      .then(
        () => "nothing was refused",
        (error: unknown) => error,
      );
    expect(refusal).toBeInstanceOf(InvalidArgumentError);
    expect(refusal).toMatchObject({ code: "invalid-argument", message: expect.stringContaining(words) });
    expect(`${argument}.`).toContain(`${(refusal as InvalidArgumentError).argument}`.split(".")[0]);
    expect(line.server.received).toHaveLength(before);
  });
});

describe("connect refuses, before it dials,", () => {
  const dial = vi.fn();
  test.each<[string, string, unknown, unknown?]>([
    ["target", "not undefined; is the variable that it comes from set?", undefined],
    ["target", 'not ""; is the variable that it comes from set?', ""],
    ["target", "not null", null],
    ["target", "a ws:, wss:, unix:, ssh: or relay+https: URL, not http://a/", "http://a/"],
    ["target", "not an object", {}],
    ["target", "not 5", 5],
    ["arg", "did you mean args?", { command: "a", arg: [] }],
    ["args", "an array of strings", { command: "a", args: "b" }],
    ["connectTimeout", "did you mean connectTimeoutMs?", { dial }, { connectTimeout: 5 }],
    ["connectTimeoutMs", "not -1", { dial }, { connectTimeoutMs: -1 }],
    ["initializeTimeoutMs", "not NaN", { dial }, { initializeTimeoutMs: Number.NaN }],
    ["recovery", "an object, not 5", { dial }, { recovery: 5 }],
    ["deadline", "did you mean deadlineMs?", { dial }, { recovery: { deadline: 5 } }],
    ["recovery.deadlineMs", "not -1", { dial }, { recovery: { deadlineMs: -1 } }],
    ["headers.a", "a string or undefined, not 5", { dial }, { headers: { a: 5 } }],
  ])("%s: %s", async (argument, words, target, options = {}) => {
    const refused = connect(target as never, options as never);
    await expect(refused).rejects.toMatchObject({
      name: "InvalidArgumentError",
      argument,
      message: expect.stringContaining(words),
    });
    expect(dial).not.toHaveBeenCalled();
  });
});

describe("what only the whole message shows is refused before it is sent, and costs no other call:", () => {
  const HALF_IN_SANDBOX = { permissions: { type: "disabled" }, cwd: `file:///${HALF}` };
  test.each<[string, string, (executor: Executor) => Promise<unknown>]>([
    [
      "InvalidArgumentError",
      "half of a pair of surrogates",
      (ex) => ex.fs.metadata("/a", { sandbox: HALF_IN_SANDBOX as never }),
    ],
    [
      "InvalidArgumentError",
      "sandbox is too long: a message holds 67108864 bytes",
      (ex) => ex.fs.metadata("/a", { sandbox: { ...HALF_IN_SANDBOX, cwd: "x".repeat(67_108_864) } as never }),
    ],
  ])("%s", async (name, words, call) => {
    await using line = await connected({ "fs/canonicalize": () => ({ path: "file:///a" }) });
    await expect(call(line.executor)).rejects.toMatchObject({ name, message: expect.stringContaining(words) });
    expect(line.server.of("fs/getMetadata")).toEqual([]);
    expect(await line.executor.fs.canonicalize("/a")).toBe("file:///a");
  });
});
