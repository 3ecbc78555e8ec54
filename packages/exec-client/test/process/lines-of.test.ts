import { describe, expect, test } from "vitest";
import type { LinesOptions } from "../../src/process/lines-of.ts";
import { collectAll, connected, settle } from "../support/connected.ts";

/** A process, and a way to let it print pieces in any stream and end. */
async function printing(...pieces: readonly (readonly [stream: string, data: string | Uint8Array])[]) {
  const line = await connected();
  const process = await line.executor.processes.start({ argv: ["a"] });
  for (const [index, [stream, data]] of pieces.entries()) {
    const chunk = Buffer.from(data).toString("base64");
    line.server.notify("process/output", { processId: process.id, seq: index + 1, stream, chunk });
  }
  line.server.exited(process.id, pieces.length + 1);
  line.server.finished(process.id, pieces.length + 2);
  return Object.assign(line, { process });
}

async function linesOf(pieces: readonly (readonly [string, string | Uint8Array])[], options?: LinesOptions) {
  await using line = await printing(...pieces);
  return await collectAll(line.process.lines(options));
}

function stdout(...pieces: readonly (string | Uint8Array)[]): readonly (readonly [string, string | Uint8Array])[] {
  return pieces.map((piece) => ["stdout", piece] as const);
}

const [HEAD, TAIL] = [Buffer.from("ä").subarray(0, 1), Buffer.from("ä").subarray(1)];

describe("the lines of a process", () => {
  test.each<[string, readonly (string | Uint8Array)[], readonly string[]]>([
    ["end with \\n, and the last one with the output", ["a\nb", "c\nd"], ["a", "bc", "d"]],
    ["end with \\r\\n, also when a piece ends between the two", ["a\r\nb\r", "\nc\r\n"], ["a", "b", "c"]],
    ["keep a carriage return that ends no line", ["a\rb\n", "c\r"], ["a\rb", "c\r"]],
    ["may be empty", ["\n\na\n\n"], ["", "", "a", ""]],
    ["keep characters whole that pieces cut", [HEAD, TAIL, "\n"], ["ä"]],
    ["have U+FFFD for what is no character", [HEAD, "\n", "b"], ["\ufffd", "b"]],
    ["are none without output", [], []],
  ])("%s", async (_, pieces, lines) => {
    expect(await linesOf(stdout(...pieces))).toEqual(lines);
  });

  test("come from one stream, or from both, where none cuts a line of the other", async () => {
    const pieces = [
      ["stdout", "out "],
      ["stderr", "err\nmore"],
      ["stdout", "put\n"],
    ] as const;
    expect(await linesOf(pieces)).toEqual(["out put"]);
    expect(await linesOf(pieces, { stream: "stderr" })).toEqual(["err", "more"]);
    expect(await linesOf(pieces, { stream: "output" })).toEqual(["err", "out put", "more"]);
    expect(await linesOf([["pty", "both\r\n"]])).toEqual(["both"]);
  });

  test("may be as long as maxLineBytes, without their end", async () => {
    expect(await linesOf(stdout("abcd\r\nabc", "d\r", "\n"), { maxLineBytes: 4 })).toEqual(["abcd", "abcd"]);
    for (const pieces of [["abcde\n"], ["abc", "de"], ["abcd\r", "e\n"], ["abcd\rx"]]) {
      const tooLong = { name: "LineTooLongError", code: "line-too-long", maxLineBytes: 4 };
      await expect(linesOf(stdout(...pieces), { maxLineBytes: 4 })).rejects.toMatchObject(tooLong);
    }
  });

  test("a reader that stops holds nothing any longer, and others go on", async () => {
    await using line = await printing(...stdout("a\nb\n"));
    for await (const each of line.process.lines()) {
      expect(each).toBe("a");
      break;
    }
    expect(await collectAll(line.process.lines())).toEqual(["a", "b"]);
  });

  test("options out of range are refused", async () => {
    await using line = await printing();
    const refusal = (argument: string) => expect.objectContaining({ name: "InvalidArgumentError", argument });
    expect(() => line.process.lines({ maxLineBytes: 0 })).toThrow(refusal("maxLineBytes"));
    expect(() => line.process.lines({ stream: "all" as never })).toThrow(refusal("stream"));
  });

  test("fail as the events do", async () => {
    const line = await connected();
    const process = await line.executor.processes.start({ argv: ["a"] });
    const lines = collectAll(process.lines());
    await settle();
    line.server.hangUp();
    await expect(lines).rejects.toMatchObject({ name: "LinkError", code: "closed" });
  });
});

describe("output as text", () => {
  test("keeps characters whole, also where the other stream cuts one, and a beginning that was never finished is U+FFFD", async () => {
    await using line = await printing(
      ["stdout", HEAD],
      ["stderr", "e"],
      ["stdout", TAIL],
      ["stdout", "\ufeffx"],
      ["stderr", HEAD],
    );
    const { process } = line;
    expect((await collectAll(process.stdoutText)).join("")).toBe("ä\ufeffx");
    expect((await collectAll(process.stderrText)).join("")).toBe("e\ufffd");
    expect((await collectAll(process.outputText)).join("")).toBe("eä\ufeffx\ufffd");
    expect(process.stdoutText).toBe(process.stdoutText);
  });

  test("can be cancelled", async () => {
    await using line = await printing(...stdout("a"));
    await line.process.stdoutText.cancel();
    expect(await line.process.closed).toMatchObject({ exitCode: 0 });
  });
});

test("lines and events can be left while they wait for a process that says nothing", async () => {
  await using line = await connected();
  const process = await line.executor.processes.start({ argv: ["a"] });
  line.server.output(process.id, 1, "half a line");
  const [lines, events] = [process.lines(), process.events({ afterSeq: 1 })];
  const waiting = [lines.next(), events.next()];
  await settle();
  await Promise.all([lines.return(), events.return()]);
  expect(await Promise.all(waiting)).toEqual([
    { done: true, value: undefined },
    { done: true, value: undefined },
  ]);
  await ReadableStream.from(process.events({ afterSeq: 1 })).cancel();
});
