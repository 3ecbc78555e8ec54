import { describe, expect, expectTypeOf, test } from "vitest";
import * as z from "zod";
import { bounded, itemsWithin, matching, textWithin } from "../src/validate/bounds.ts";
import { tagged, variants } from "../src/validate/choices.ts";
import { mapOf } from "../src/validate/maps.ts";
import {
  closedRecord,
  double,
  int8,
  integer,
  record,
  recordOf,
  uint,
  uint8,
  uint32,
} from "../src/validate/schema-kit.ts";
import { proven, type Typed, typed } from "../src/validate/typed.ts";
import { validate } from "../src/validate/validate.ts";

/** What is said of a value: the value as it is taken, or the refusal. */
function verdict(schema: z.ZodType, value: unknown): unknown {
  const result = validate(schema, value);
  return result.ok ? result.value : result.message;
}

describe("a tagged choice", () => {
  const policy = tagged("type", {
    readOnly: record("Policy", { type: z.literal("readOnly") }),
    write: record("Policy", { type: z.literal("write"), roots: z.array(z.string()) }),
  });
  const holder = record("Holder", { policy });

  test("takes what its word says, without what else is there", () => {
    const value = { policy: { type: "write", roots: ["/a"], more: 1 } };
    expect(verdict(holder, value)).toEqual({ policy: { type: "write", roots: ["/a"] } });
    expectTypeOf<z.output<typeof policy>>().toEqualTypeOf<{ type: "readOnly" } | { type: "write"; roots: string[] }>();
  });

  test.each<[unknown, string]>([
    [{ policy: { type: "none" } }, "unknown variant `none`, expected `readOnly` or `write` at `policy.type`"],
    [{ policy: { type: 3 } }, "invalid type: number, expected string or map at `policy.type`"],
    [{ policy: {} }, "missing field `type` at `policy`"],
    [{ policy: { type: "write" } }, "missing field `roots` at `policy`"],
    [{ policy: { type: "write", roots: [1] } }, "invalid type: number, expected a string at `policy.roots[0]`"],
    [{ policy: "write" }, 'invalid type: string "write", expected a map at `policy`'],
    [{}, "missing field `policy`"],
    [{ policy: Object.create({ type: "readOnly" }) }, "missing field `type` at `policy`"],
    [
      { policy: { type: "constructor" } },
      "unknown variant `constructor`, expected `readOnly` or `write` at `policy.type`",
    ],
  ])("refuses %j with the member and the rule", (value, refusal) => {
    expect(verdict(holder, value)).toBe(refusal);
  });
});

describe("variants", () => {
  const decision = variants(["accept", "cancel"], { amend: record("Amend", { rule: z.string() }) });
  const holder = record("Holder", { decision });

  test("are a word or a named member", () => {
    expect(verdict(holder, { decision: "cancel" })).toEqual({ decision: "cancel" });
    expect(verdict(holder, { decision: { amend: { rule: "x" } } })).toEqual({ decision: { amend: { rule: "x" } } });
    expectTypeOf<z.output<typeof decision>>().toEqualTypeOf<"accept" | "cancel" | { amend: { rule: string } }>();
  });

  test.each<[unknown, string]>([
    ["deny", "unknown variant `deny`, expected one of `accept`, `cancel`, `amend` at `decision`"],
    [{ deny: {} }, "unknown variant `deny`, expected one of `accept`, `cancel`, `amend` at `decision`"],
    [{ amend: {} }, "missing field `rule` at `decision.amend`"],
    [{ amend: { rule: "x" }, deny: 1 }, "invalid type: map, expected a map with a single member at `decision`"],
    [{}, "invalid type: map, expected a map with a single member at `decision`"],
    [null, "invalid type: null, expected string or map at `decision`"],
    [undefined, "missing field `decision`"],
  ])("refuse %j", (value, refusal) => {
    expect(verdict(holder, { decision: value })).toBe(refusal);
  });
});

describe("a map", () => {
  const holder = record("Holder", { sizes: mapOf(uint32) });

  test("takes any names, also those that objects have anyway", () => {
    const value = JSON.parse('{"sizes":{"__proto__":1,"constructor":2,"":3}}');
    const taken = verdict(holder, value) as { sizes: object };
    expect(JSON.stringify(taken)).toBe(JSON.stringify(value));
    expect(Object.getPrototypeOf(taken.sizes)).toBe(Object.prototype);
  });

  test.each<[unknown, string]>([
    [{ a: 1, b: "x" }, 'invalid type: string "x", expected u32 at `sizes.b`'],
    [[1], "invalid type: sequence, expected a map at `sizes`"],
    [undefined, "missing field `sizes`"],
  ])("refuses %j", (value, refusal) => {
    expect(verdict(holder, { sizes: value })).toBe(refusal);
  });
});

describe("records", () => {
  test("that are closed refuse other members by name", () => {
    const closed = closedRecord("Closed", { a: z.string(), b: z.exactOptional(z.string()) });
    expect(verdict(closed, { a: "x" })).toEqual({ a: "x" });
    expect(verdict(closed, { a: "x", c: 1 })).toBe("unknown field `c`, expected `a` or `b`");
    expect(verdict(closedRecord("None", {}), { c: 1 })).toBe("unknown field `c`, expected none");
    expect(verdict(closed, 3)).toBe("invalid type: number, expected struct Closed");
  });

  test("with others of one kind check and keep them", () => {
    const open = recordOf("Open", { a: z.string() }, uint8);
    expect(verdict(open, { a: "x", n: 255 })).toEqual({ a: "x", n: 255 });
    expect(verdict(open, { a: "x", n: 256 })).toBe("invalid number at `n`");
  });
});

describe("bounds", () => {
  test.each<[string, z.ZodType, unknown, unknown]>([
    ["whole numbers", int8, -128, -128],
    ["whole numbers that do not fit", int8, -129, "invalid number"],
    ["sizes", uint, "1", 'invalid type: string "1", expected usize'],
    ["whole numbers of no size", integer, 0.5, "invalid number"],
    ["other numbers", double, 0.5, 0.5],
    ["what is no number", double, null, "invalid type: null, expected f64"],
    ["least", bounded(uint32, { minimum: 1 }), 0, "must be at least 1"],
    ["most", bounded(uint32, { maximum: 9 }), 10, "must be at most 9"],
    ["more than", bounded(uint32, { exclusiveMinimum: 1 }), 1, "must be more than 1"],
    ["less than", bounded(uint32, { exclusiveMaximum: 9 }), 9, "must be less than 9"],
    ["within", bounded(uint32, { minimum: 1, maximum: 9 }), 9, 9],
    ["empty text", textWithin(z.string(), 1, Number.POSITIVE_INFINITY), "", "must have at least 1 characters"],
    ["text in code points", textWithin(z.string(), 0, 2), "😀😀", "😀😀"],
    ["long text", textWithin(z.string(), 0, 2), "abc", "must have at most 2 characters"],
    ["patterns", matching("^a+$"), "b", "must match `^a+$`"],
    ["lists", itemsWithin(z.array(z.string()), 1, 2), [], "must have 1 to 2 items"],
    ["what is no list", itemsWithin(z.array(z.string()), 1, 2), 1, "invalid type: number, expected a sequence"],
  ])("of %s", (_, schema, value, expected) => {
    expect(verdict(schema, value)).toEqual(expected);
  });
});

describe("a typed validator", () => {
  test("is made once, when it is asked for", () => {
    let made = 0;
    const schema = typed<string>(() => {
      made++;
      return z.string();
    });
    expect(made).toBe(0);
    expect(schema()).toBe(schema());
    expect(made).toBe(1);
    expectTypeOf(schema).toEqualTypeOf<Typed<string>>();
  });

  test("has to give its type, where that is to be proven", () => {
    expectTypeOf(proven<{ a: string }>(() => record("A", { a: z.string() }))).toEqualTypeOf<Typed<{ a: string }>>();
    // @ts-expect-error: it gives a number
    proven<{ a: string }>(() => record("A", { a: z.number() }));
    // @ts-expect-error: it may leave the member out
    proven<{ a: string }>(() => record("A", { a: z.exactOptional(z.string()) }));
    // @ts-expect-error: it may give null
    proven<{ a?: string }>(() => record("A", { a: z.exactOptional(z.nullable(z.string())) }));
  });
});
