import { describe, expect, test } from "vitest";
import { parseSource } from "../src/source-file.ts";

const importsOf = (text: string) => parseSource("a.ts", text).imports;

describe("imports of a source", () => {
  test("are found in every form, in order; comments and texts do not count", () => {
    const text = `
      import a from "a";
      import type { B } from 'b';
      import "c";
      export { d } from "d";
      export * from "e";
      const f = await import("f");
      // import "no";
      /* import "no" */
      const no = 'import "no"; import("no");';
      import {
        g,
      } from "g";
      type H = import("h").H;
      const i = \`\${await import(\`i\`)}\`;
      const unknown = await import(i);
    `;
    expect(importsOf(text)).toEqual(["a", "b", "c", "d", "e", "f", "g", "h", "i"]);
  });

  test("are given once for a statement with many names", () => {
    expect(importsOf('export { a, b } from "a"; import { c, type D } from "c";')).toEqual(["a", "c"]);
  });
});

test("a source that does not parse is named", () => {
  expect(() => parseSource("a.ts", "const = 1;")).toThrow(/^a\.ts: /);
});
