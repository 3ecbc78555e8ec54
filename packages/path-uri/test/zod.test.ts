import type { PathUri } from "@holdfast/path-uri";
import { pathUriSchema } from "@holdfast/path-uri/zod";
import { describe, expect, expectTypeOf, test } from "vitest";
import type { z } from "zod";

describe("pathUriSchema", () => {
  test("gives the canonical branded value", () => {
    expect(pathUriSchema.parse("file:/c:/x")).toBe("file:///C:/x");
    expectTypeOf<z.output<typeof pathUriSchema>>().toEqualTypeOf<PathUri>();
    expectTypeOf<z.input<typeof pathUriSchema>>().toEqualTypeOf<string>();
  });

  test("refuses with the text of the parser", () => {
    expect(pathUriSchema.safeParse("/a").error?.issues.map((issue) => issue.message)).toEqual([
      "invalid URI: relative URL without a base",
    ]);
  });

  test("leaves a value that is no string to zod", () => {
    expect(pathUriSchema.safeParse(5).error?.issues[0]?.code).toBe("invalid_type");
  });
});
