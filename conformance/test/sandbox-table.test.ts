import { describe, expect, it } from "vitest";
import { ROWS } from "../src/sandbox/attempts.ts";
import { COLUMNS } from "../src/sandbox/columns.ts";
import { FILE_ROWS } from "../src/sandbox/file-attempts.ts";
import { parseAnswers, probeProgram } from "../src/sandbox/probe.ts";
import { compare, leakIn } from "../src/sandbox/verdict.ts";

describe("the truth table of sandboxes", () => {
  it("has an answer for every row and column", () => {
    for (const { id, answers } of ROWS) expect(answers, id).toHaveLength(COLUMNS.length);
    for (const { id, answers } of FILE_ROWS) expect(answers, id).toHaveLength(3);
  });

  it("names every row once", () => {
    for (const rows of [ROWS, FILE_ROWS]) expect(new Set(rows.map(({ id }) => id)).size).toBe(rows.length);
  });
});

describe("comparing two answers", () => {
  it("calls what only we let through weaker, also where a difference is known", () => {
    expect(compare("read outside", "min", "ok", "ENOENT").comparison).toBe("weaker");
    expect(compare("create beside the playground", "min", "ok", "EROFS").comparison).toBe("weaker");
  });

  it("takes a stricter answer only for a reason that is known", () => {
    const { comparison, reason } = compare("create beside the playground", "min", "EROFS", "lost");
    expect(comparison).toBe("stricter");
    expect(reason).toMatch(/sealed/);
    expect(compare("read outside", "ww", "EROFS", "ok").comparison).toBe("unexplained");
  });

  it("sees no leak in what was refused", () => {
    expect(leakIn("append through hard link out", "ww", "ok")).toMatch(/hard link/);
    expect(leakIn("append through hard link out", "ww", "EROFS")).toBeUndefined();
  });
});

describe("the probe", () => {
  it("reads back successes, errors by their names, and words", () => {
    const answers = parseAnswers("a\tok\nb\terrno 30\nc\tlo\nnoise\nd\terrno 13\n");
    expect([...answers]).toEqual([
      ["a", "ok"],
      ["b", "EROFS"],
      ["c", "lo"],
      ["d", "EACCES"],
    ]);
  });

  it("quotes what it is given, so that no value is taken for Perl", () => {
    const program = probeProgram([{ id: "it's", perl: "1" }], { workspace: "/a'; die '\\" });
    expect(program).toContain(String.raw`our $workspace = '/a\'; die \'\\';`);
    expect(program).toContain(String.raw`try('it\'s', sub { 1 });`);
  });
});
