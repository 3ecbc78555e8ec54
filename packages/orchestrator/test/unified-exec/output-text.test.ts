import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { CharacterStreams } from "../../src/unified-exec/character-streams.ts";
import { HeadTailBuffer } from "../../src/unified-exec/head-tail-buffer.ts";
import { outputText } from "../../src/unified-exec/output-text.ts";

function shown(text: string, maxTokens?: number, maxBytes?: number): string {
  const buffer = new HeadTailBuffer(maxBytes);
  buffer.push(Buffer.from(text));
  return outputText(buffer.take(), maxTokens).text;
}

/** What `seq` prints. */
function sequence(last: number): string {
  return Array.from({ length: last }, (_, index) => `${index + 1}\n`).join("");
}

describe("the output that a model is shown", () => {
  test("is as it was printed while it is within its budget", () => {
    expect(shown("hello\n")).toBe("hello\n");
    expect(shown("x".repeat(40_000))).toBe("x".repeat(40_000));
  });

  test("has a byte order mark where it was printed", () => {
    expect(shown("\uFEFFa")).toBe("\uFEFFa");
  });

  // The texts are those of a release of Codex for the same commands.
  test("beyond its budget is the beginning and the end, with a count of lines and tokens", () => {
    expect(shown(sequence(2_000), 20)).toBe(
      `Warning: truncated output (original token count: 2224)\nTotal output lines: 2000\n\n${sequence(16)}1…2204 tokens truncated…1993\n1994\n1995\n1996\n1997\n1998\n1999\n2000\n`,
    );
  });

  test("with a budget of nothing says only that", () => {
    expect(shown(sequence(20), 0)).toBe(
      "Warning: truncated output (original token count: 13)\nTotal output lines: 20\n\n…13 tokens truncated…",
    );
  });

  test("cuts between characters, and counts a last line without an end", () => {
    const text = `${"é\n".repeat(66_666)}é`;
    expect(shown(text, 100)).toBe(
      `Warning: truncated output (original token count: 50000)\nTotal output lines: 66667\n\n${"é\n".repeat(66)}é…49900 tokens truncated…é\n${"é\n".repeat(65)}é`,
    );
  });

  test("says how much was not kept, in its place where the budget has room for the rest", () => {
    expect(shown("a".repeat(20), 100, 8)).toBe("aaaa\n... 12 bytes omitted ...\naaaa");
  });

  test("says so above the text where the budget has no room for the place", () => {
    const text = shown("a".repeat(3_000_000), 10);
    expect(text).toBe(
      "Warning: truncated output (original token count: 750000)\n... 1951424 bytes omitted ...\n\naaaaaaaaaaaaaaaaaaaa…262142 tokens truncated…aaaaaaaaaaaaaaaaaaaa",
    );
  });

  test("has whole characters on both sides of what was not kept", () => {
    expect(shown("é".repeat(20), 100, 9)).toBe("éé\n... 31 bytes omitted ...\néé");
  });

  test("shows bytes that are no text as such, wherever it is cut", () => {
    const bytes = fc.uint8Array({ minLength: 1, maxLength: 200 });
    fc.assert(
      fc.property(
        bytes,
        fc.integer({ min: 0, max: 20 }),
        fc.integer({ min: 2, max: 100 }),
        (data, tokens, maxBytes) => {
          const buffer = new HeadTailBuffer(maxBytes);
          buffer.push(data);
          const { text, originalTokenCount } = outputText(buffer.take(), tokens);
          expect(originalTokenCount).toBe(Math.ceil(data.length / 4));
          if (data.length <= Math.min(tokens * 4, maxBytes))
            expect(text).toBe(new TextDecoder("utf-8", { ignoreBOM: true }).decode(data));
        },
      ),
    );
  });
});

describe("a character in two pieces", () => {
  test("is whole, also when the other stream comes in between", () => {
    const streams = new CharacterStreams();
    const first = Buffer.from(streams.add("stdout", Buffer.from([0x61, 0xe2, 0x82])));
    const second = Buffer.from(streams.add("stderr", Buffer.from("!")));
    const third = Buffer.from(streams.add("stdout", Buffer.from([0xac, 0x62])));
    expect([first, second, third].map(String)).toEqual(["a", "!", "€b"]);
    expect([...streams.rest()]).toEqual([]);
  });

  test("that never comes whole is given at the end", () => {
    const streams = new CharacterStreams();
    expect(streams.add("stdout", Buffer.from([0xe2]))).toHaveLength(0);
    expect(streams.add("stdout", Buffer.from([0x82]))).toHaveLength(0);
    expect(Buffer.concat([...streams.rest()])).toEqual(Buffer.from([0xe2, 0x82]));
  });

  test("loses no byte, whatever comes in whatever pieces", () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 7 })), (pieces) => {
        const streams = new CharacterStreams();
        const passed = pieces.map((piece) => Buffer.from(streams.add("stdout", piece)));
        expect(Buffer.concat([...passed, ...streams.rest()])).toEqual(Buffer.concat(pieces));
      }),
    );
  });
});
