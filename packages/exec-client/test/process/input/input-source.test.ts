import { describe, expect, test } from "vitest";
import { type InputSource, isInputSource, isKnownEmpty, readInput } from "../../../src/process/input/input-source.ts";

async function textOf(source: InputSource): Promise<string> {
  const reader = readInput(source);
  const pieces: Uint8Array[] = [];
  for (let piece = await reader.next(); piece !== undefined; piece = await reader.next()) pieces.push(piece);
  return Buffer.concat(pieces).toString("utf8");
}

async function* each<Piece>(...pieces: readonly Piece[]): AsyncGenerator<Piece, void, void> {
  yield* pieces;
}

describe("what a command can be given to read", () => {
  test.each<[string, () => InputSource]>([
    ["a string", () => "äöü"],
    ["bytes", () => Buffer.from("äöü")],
    ["a Blob", () => new Blob(["ä", "öü"])],
    ["a stream of bytes", () => new Blob(["äöü"]).stream()],
    ["a stream of texts", () => ReadableStream.from(["ä", "öü"])],
    ["an iterable of texts and bytes", () => each<string | Uint8Array>("ä", Buffer.from("ö"), "ü")],
  ])("%s is read to its end", async (_, source) => {
    expect(isInputSource(source())).toBe(true);
    expect(await textOf(source())).toBe("äöü");
  });

  test.each([undefined, null, 5, true, {}, ["a"], () => "a"])("%o is none", (value) => {
    expect(isInputSource(value)).toBe(false);
  });

  test("a character that two texts share comes out whole, and half a one is refused", async () => {
    expect(await textOf(each("a\ud83d", "\ude00b"))).toBe("a😀b");
    for (const texts of [["a\ud83d"], ["a\ud83d", "b"], ["\ude00"]])
      await expect(textOf(each(...texts))).rejects.toMatchObject({ name: "InvalidArgumentError", argument: "input" });
  });

  test("what is neither text nor bytes is an error that names its type", async () => {
    await expect(textOf(each(5) as never)).rejects.toThrow("must be a string or Uint8Array, not number");
    await expect(textOf(each<string | Uint8Array>("\ud83d", Buffer.from("x")))).rejects.toThrow("within a character");
  });

  test("a stream that is read already is refused", () => {
    const stream = new Blob(["a"]).stream();
    stream.getReader();
    expect(() => readInput(stream)).toThrow(TypeError);
  });

  test("only what has its size is known to be empty", () => {
    expect([isKnownEmpty(""), isKnownEmpty(new Uint8Array()), isKnownEmpty(new Blob([]))]).toEqual([true, true, true]);
    expect([isKnownEmpty("a"), isKnownEmpty(new Blob(["a"])), isKnownEmpty(each<string>())]).toEqual([
      false,
      false,
      false,
    ]);
  });

  test("cancel tells a stream and a generator, and waits for neither", async () => {
    const cancelled = Promise.withResolvers<unknown>();
    const stream = readInput(new ReadableStream({ cancel: (reason) => cancelled.resolve(reason) }));
    const pending = stream.next();
    stream.cancel();
    expect(await cancelled.promise).toBe("the command takes no more input");
    expect(await pending).toBeUndefined();
    const returned = Promise.withResolvers<void>();
    const iterator = { next: () => new Promise<never>(() => {}), return: async () => returned.resolve() };
    const iterable = readInput({ [Symbol.asyncIterator]: () => iterator } as unknown as AsyncIterable<string>);
    void iterable.next();
    iterable.cancel();
    await returned.promise;
  });

  test("a source that can not be cancelled is no harm", async () => {
    const iterator = {
      next: async () => ({ done: true, value: undefined }),
      return: () => Promise.reject(new Error("no")),
    };
    readInput({ [Symbol.asyncIterator]: () => iterator } as unknown as AsyncIterable<string>).cancel();
    readInput({ [Symbol.asyncIterator]: () => ({ next: iterator.next }) } as unknown as AsyncIterable<string>).cancel();
    const throwing = {
      next: iterator.next,
      return: () => {
        throw new Error("at once");
      },
    };
    expect(() =>
      readInput({ [Symbol.asyncIterator]: () => throwing } as unknown as AsyncIterable<string>).cancel(),
    ).not.toThrow();
  });
});
