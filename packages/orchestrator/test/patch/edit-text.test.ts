import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { PatchChunk, PatchLine } from "../../src/index.ts";
import { editText } from "../../src/patch/edit-text.ts";

const end = fc.constantFrom("\n", "\r\n", "\r");
const kind = fc.constantFrom<PatchLine["kind"]>("context", "remove", "add");
const text = fc.constantFrom("a", "b", "  c", "d ", "é", "*** End Patch", "@@");
/** What happens to each line of a file, from its first to its last. */
const steps = fc.array(fc.record({ kind, text, end }), { minLength: 1, maxLength: 30 });

/** A patch for all of it: each chunk begins where the one before it ends. */
function chunksOf(lines: readonly PatchLine[], length: number): readonly PatchChunk[] {
  const chunks: PatchChunk[] = [];
  for (let at = 0; at < lines.length; at += length) {
    chunks.push({ context: undefined, lines: lines.slice(at, at + length), isEndOfFile: false });
  }
  return chunks.filter((chunk) => chunk.lines.some((line) => line.kind !== "add"));
}

function edit(content: string, ...lines: readonly PatchLine[]): string {
  const chunk = { context: undefined, lines, isEndOfFile: false };
  return editText(content, [chunk], { path: "/f", compared: { count: 0 } });
}

describe("a text", () => {
  test("becomes what a patch for all of it says: what stays is untouched, what is new ends as its first line", () => {
    fc.assert(
      fc.property(steps, fc.integer({ min: 1, max: 5 }), (all, length) => {
        const chunks = chunksOf(all, length);
        const kept = new Set(chunks.flatMap((chunk) => chunk.lines));
        const told = all.filter((line) => kept.has(line));
        const before = told.filter((line) => line.kind !== "add");
        fc.pre(before.length > 0);
        const content = before.map((line) => line.text + line.end).join("");
        const first = before[0]?.end ?? "\n";
        const after = told
          .filter((line) => line.kind !== "remove")
          .map((line) => line.text + (line.kind === "add" ? first : line.end))
          .join("");
        expect(editText(content, chunks, { path: "/f", compared: { count: 0 } })).toBe(after);
      }),
      { numRuns: 2_000 },
    );
  });

  test("without an end gets one, and loses nothing else", () => {
    expect(edit("a\nb", { kind: "context", text: "a" })).toBe("a\nb\n");
    expect(edit("a\r\nb", { kind: "remove", text: "b" }, { kind: "add", text: "c" })).toBe("a\r\nc\r\n");
    expect(edit("", { kind: "add", text: "a" })).toBe("a\n");
    expect(edit("a\n", { kind: "remove", text: "a" })).toBe("");
  });
});
