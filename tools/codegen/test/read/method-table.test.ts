import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { loadMethodTable } from "../../src/read/method-table.ts";

const ROW = {
  kind: "request",
  from: "client",
  params: "Params",
  result: "Result",
  family: null,
  since: "1",
  replay: "never",
  errors: [],
};
const NOTICE = { ...ROW, kind: "notice", result: null, replay: null };

let root = "";
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), "codegen-method-table-"));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

let files = 0;

/** Load a source file that holds this text. */
async function load(text: string): Promise<unknown> {
  files += 1;
  writeFileSync(join(root, `methods-${files}.ts`), text);
  return loadMethodTable(root, `methods-${files}.ts`).catch((error: Error) => error.message.replace(/-\d+/, ""));
}

function table(...rows: readonly (readonly [string, object])[]): string {
  const members = rows.map(([name, row]) => `${JSON.stringify(name)}: ${JSON.stringify(row)}`);
  return `export const METHODS = {\n${members.join(",\n")}\n} as const satisfies object;\n`;
}

describe("a method table", () => {
  test("is its rows in their order", async () => {
    expect(await load(table(["b", ROW], ["a", NOTICE]))).toEqual([
      { method: "b", ...ROW },
      { method: "a", ...NOTICE },
    ]);
  });

  test.each<[string, object, string]>([
    [
      "a request without a result",
      { ...ROW, result: null },
      "a request without a result; one that has nothing to say gives an empty object",
    ],
    [
      "a result that is forgotten",
      { ...ROW, result: undefined },
      "a request without a result; one that has nothing to say gives an empty object",
    ],
    [
      "params that are forgotten",
      { ...ROW, params: undefined },
      "`params` names no type; it is null where there are none",
    ],
    ["a kind that nobody knows", { ...ROW, kind: "event" }, "`kind` is neither request nor notice"],
    ["a side that nobody knows", { ...ROW, from: "peer" }, "`from` is neither client nor server"],
    [
      "no word on a lost line",
      { ...ROW, replay: undefined },
      "`replay` is none of always, once, never: may it be sent again when its answer was lost?",
    ],
    ["a notice that is answered", { ...NOTICE, result: "Result" }, "a notice with a result; nobody answers it"],
    [
      "a notice that is sent again",
      { ...NOTICE, replay: "once" },
      "a notice with `replay`; it is null, since nobody answers it",
    ],
    ["a notice that is refused", { ...NOTICE, errors: ["NotFound"] }, "a notice with refusals"],
    ["no release", { ...ROW, since: "" }, "`since` names no release"],
    ["no gate and no null", { ...ROW, family: undefined }, "`family` is no name; it is null for no gate"],
    ["refusals that are no list", { ...ROW, errors: "NotFound" }, "`errors` is no list of names"],
  ])("stops at %s, with the method and what is wrong", async (_, row, problem) => {
    expect(await load(table(["fine", ROW], ["fs/open", row]))).toBe(`methods.ts: method "fs/open": ${problem}`);
  });

  test("stops at the second row of a method, with its line", async () => {
    expect(await load(table(["fs/open", ROW], ["fs/close", ROW], ["fs/open", NOTICE]))).toBe(
      'methods.ts:4: method "fs/open" has a row already',
    );
  });

  test("is missed by name", async () => {
    expect(await load("export const OTHER = {};\n")).toBe("methods.ts exports no METHODS");
  });
});
