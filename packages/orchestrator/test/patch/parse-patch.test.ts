import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isPatchError, PATCH_MAX_BYTES, type Patch, type PatchError, parsePatch } from "../../src/index.ts";
import { patchOf } from "./patch-machine.ts";

function refusal(text: string): PatchError {
  try {
    parsePatch(text);
  } catch (error) {
    if (isPatchError(error)) return error;
    throw error;
  }
  return expect.fail("it was read");
}

/** The text of a patch, as an agent writes it. */
function written({ environmentId, hunks }: Patch): string {
  const lines = hunks.flatMap((hunk): readonly string[] => {
    if (hunk.kind === "delete") return [`*** Delete File: ${hunk.path}`];
    if (hunk.kind === "add") {
      const added = hunk.content === "" ? [] : hunk.content.slice(0, -1).split("\n");
      return [`*** Add File: ${hunk.path}`, ...added.map((line) => `+${line}`)];
    }
    const chunks = hunk.chunks.flatMap(({ context, lines: each, isEndOfFile }) => [
      context === undefined ? "@@" : `@@ ${context}`,
      ...each.map(({ kind, text }) => `${{ context: " ", remove: "-", add: "+" }[kind]}${text}`),
      ...(isEndOfFile ? ["*** End of File"] : []),
    ]);
    const move = hunk.moveTo === undefined ? [] : [`*** Move to: ${hunk.moveTo}`];
    return [`*** Update File: ${hunk.path}`, ...move, ...chunks];
  });
  return patchOf(...(environmentId === undefined ? [] : [`*** Environment ID: ${environmentId}`]), ...lines);
}

const word = fc.stringMatching(/^[a-zA-Z0-9_./*+@-]{1,12}$/);
/** Any text of one line. */
const line = fc.string({ unit: "grapheme", maxLength: 20 }).filter((text) => !/[\r\n]/.test(text));
const chunk = fc.record({
  context: fc.option(word, { nil: undefined }),
  lines: fc.array(fc.record({ kind: fc.constantFrom("context", "remove", "add"), text: line }), {
    minLength: 1,
    maxLength: 6,
  }),
  isEndOfFile: fc.boolean(),
});
const hunk = fc.oneof(
  fc.record({
    kind: fc.constant("add"),
    path: word,
    content: fc.array(line, { maxLength: 5 }).map((lines) => lines.map((each) => `${each}\n`).join("")),
  }),
  fc.record({ kind: fc.constant("delete"), path: word }),
  fc.record({
    kind: fc.constant("update"),
    path: word,
    moveTo: fc.option(word, { nil: undefined }),
    chunks: fc.array(chunk, { minLength: 1, maxLength: 4 }),
  }),
);
const patch = fc.record({
  environmentId: fc.option(word, { nil: undefined }),
  hunks: fc.array(hunk, { minLength: 1, maxLength: 5 }),
}) as fc.Arbitrary<Patch>;

describe("a patch", () => {
  test("that is written down is read as what it was", () => {
    fc.assert(
      fc.property(patch, (each) => {
        expect(parsePatch(written(each))).toEqual(each);
      }),
      { numRuns: 500 },
    );
  });

  test("is the same in a here-document, with CR LF, and with white space around it", () => {
    fc.assert(
      fc.property(patch, (each) => {
        const text = written(each);
        expect(parsePatch(`<<'EOF'\n${text}EOF\n`)).toEqual(each);
        expect(parsePatch(text.replaceAll("\n", "\r\n"))).toEqual(each);
        expect(parsePatch(`\n\n  ${text}\n \n`)).toEqual(each);
      }),
      { numRuns: 200 },
    );
  });

  test("of any text is read, or refused in one of our own errors", () => {
    const piece = fc.oneof(
      fc.constantFrom(
        "*** Begin Patch",
        "*** End Patch",
        "*** Add File: a",
        "*** Update File: a",
        "*** Delete File: a",
        "*** Move to: b",
        "*** End of File",
        "*** Environment ID: x",
        "@@",
        "@@ x",
        "+",
        "-",
        " ",
        "",
        "<<EOF",
        "EOF",
      ),
      fc.string({ unit: "binary", maxLength: 8 }),
    );
    const text = fc.array(piece, { maxLength: 20 }).map((pieces) => pieces.join("\n"));
    const inFrame = text.map((body) => `*** Begin Patch\n${body}\n*** End Patch`);
    fc.assert(
      fc.property(fc.oneof(text, inFrame), (each) => {
        try {
          expect(parsePatch(each).hunks.length).toBeGreaterThan(0);
        } catch (error) {
          if (!isPatchError(error)) throw error;
          expect(["syntax", "empty"]).toContain(error.code);
        }
      }),
      { numRuns: 3_000 },
    );
  });

  test.each([
    ["", "Invalid patch: The last line of the patch must be '*** End Patch'", undefined],
    ["words", "Invalid patch: The first line of the patch must be '*** Begin Patch'", undefined],
    ["*** Begin Patch\n", "Invalid patch: The last line of the patch must be '*** End Patch'", undefined],
    [patchOf(), "No files were modified.", undefined],
    [
      patchOf("words"),
      "Invalid patch hunk on line 2: 'words' is not a valid hunk header. Valid hunk headers: '*** Add File: {path}', '*** Delete File: {path}', '*** Update File: {path}'",
      2,
    ],
    [patchOf("*** Update File: f"), "Invalid patch hunk on line 2: Update file hunk for path 'f' is empty", 2],
    [patchOf("*** Update File: f", "@@"), "Invalid patch hunk on line 4: Update hunk does not contain any lines", 4],
    [
      patchOf("*** Update File: f", "@@", "words"),
      "Invalid patch hunk on line 4: Unexpected line found in update hunk: 'words'. Every line should start with ' ' (context line), '+' (added line), or '-' (removed line)",
      4,
    ],
    [
      patchOf("*** Update File: f", "@@", "-a", "words"),
      "Invalid patch hunk on line 5: Expected update hunk to start with a @@ context marker, got: 'words'",
      5,
    ],
  ])("that is none is refused with the line and the reason: %j", (text, message, at) => {
    const { message: told, line: toldLine } = refusal(text);
    expect({ told, toldLine }).toEqual({ told: message, toldLine: at });
  });

  test("that is too long is refused before it is looked at", () => {
    expect(refusal(patchOf(`*** Add File: a`, `+${"ü".repeat(PATCH_MAX_BYTES / 2)}`)).code).toBe("too-large");
  });
});
