import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { withEdits } from "../../src/config/apply-edits.ts";
import { editedText } from "../../src/config/edit-text.ts";
import { keyPathText } from "../../src/config/key-path.ts";
import { parseToml } from "../../src/config/toml-document.ts";

const NAMES = fc.constantFrom("a", "b", "c-d", "e f", 'q"q', "ü", "model");
const SCALARS = fc.oneof(
  fc.boolean(),
  fc.integer({ min: -1_000_000, max: 1_000_000 }),
  fc.constantFrom(0.5, -2.25, 1e21),
  fc.string({ maxLength: 12 }),
  fc.constantFrom("two\nlines", "tab\there", '"quoted"', "back\\slash", "# no comment", ""),
);
const { value: VALUES } = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    SCALARS,
    fc.array(SCALARS, { maxLength: 3 }),
    fc.array(fc.dictionary(NAMES, SCALARS, { maxKeys: 2 }), { maxLength: 3 }),
    fc.dictionary(NAMES, tie("value"), { maxKeys: 3 }),
  ),
}));
const EDITS = fc.record({
  keyPath: fc.array(NAMES, { minLength: 1, maxLength: 3 }).map(keyPathText),
  value: fc.oneof({ arbitrary: VALUES, weight: 4 }, { arbitrary: fc.constant(null), weight: 1 }),
  mergeStrategy: fc.constantFrom("replace" as const, "upsert" as const),
});

/** What people write, in the ways in which TOML lets them. */
const TEXTS = [
  "",
  '# about it\nmodel = "x" # mine\n\n# a table\n[a]\n# inside\nb = 1\n"e f" = [1, 2] # two\n\n[a.c-d]\nb = true\n',
  'a.b = 1\na.c-d = { b = 1, a = "x" } # in a line\n[b]\na = """\nlong\n"""\n',
  "[[a]]\nb = 1 # first\n\n[[a]]\nb = 2 # second\n[a.c-d]\nb = 3\n",
  "  [ a . b ]\n  \"ü\" = 'it'\r\n# end",
  "[b]\n[b.a]\n[b.a.model]\nb = [\n  1, # one\n  2,\n]\n",
];

describe("a text after any change", () => {
  test("says what was said before, but for that, or the change is refused", () => {
    let refused = 0;
    let written = 0;
    fc.assert(
      fc.property(fc.constantFrom(...TEXTS), fc.array(EDITS, { minLength: 1, maxLength: 3 }), (text, edits) => {
        const outcome = () => editedText(text, edits);
        let after: unknown;
        try {
          after = withEdits(parseToml(text).root, edits);
        } catch {
          expect(outcome).toThrow();
          return;
        }
        let edited: string;
        try {
          edited = outcome();
        } catch (error) {
          expect(String(error)).toContain("edit the file by hand");
          refused += 1;
          return;
        }
        written += 1;
        expect(parseToml(edited).root).toEqual(after);
      }),
      { numRuns: 2_000 },
    );
    expect(refused).toBeLessThan(written / 50);
  });
});
