import { validate } from "@holdfast/protocol-kit";
import {
  anyOf,
  closedRecord,
  oneOf,
  record,
  strictly,
  tagged,
  tolerating,
  unknownVariant,
  unknownWord,
  variants,
  words,
} from "@holdfast/protocol-kit/zod";
import { describe, expect, test } from "vitest";
import * as z from "zod";

const colour = words(["red", "blue"]);
const item = tagged("type", {
  text: record("Text", { type: words(["text"]), text: z.string(), colour: z.exactOptional(colour) }),
  size: record("Size", { type: words(["size"]), size: z.number() }),
});
const decision = variants(["yes", "no"], { later: record("Later", { days: z.number() }) });
const closed = closedRecord("Closed", { a: colour });
/** Both have a colour; only the second has the one that is unknown to it by another name. */
const either = anyOf([record("One", { colour }), record("Other", { colour: words(["green"]), other: z.string() })]);
const exactly = oneOf([record("One", { one: colour }), record("Other", { other: colour })]);
const info = anyOf([
  words(["known"]),
  closedRecord("Known", { known: record("Inner", {}) }),
  unknownWord,
  unknownVariant,
]);

function verdict(schema: z.ZodType, value: unknown): unknown {
  const result = validate(schema, value);
  return result.ok ? result.value : result.message;
}

describe("a validator", () => {
  test.each<[string, z.ZodType, unknown, unknown, unknown]>([
    ["a listed word", colour, "red", "red", "red"],
    ["a word that is not listed", colour, "green", "unknown variant `green`, expected `red` or `blue`", "green"],
    [
      "no word",
      colour,
      3,
      "invalid type: number, expected string or map",
      "invalid type: number, expected string or map",
    ],
    ["a listed kind", item, { type: "size", size: 1 }, { type: "size", size: 1 }, { type: "size", size: 1 }],
    [
      "a kind that is not listed, as it came",
      item,
      { type: "sound", pitch: { hertz: 440 } },
      "unknown variant `sound`, expected `text` or `size` at `type`",
      { type: "sound", pitch: { hertz: 440 } },
    ],
    [
      "a word that is not listed within a kind that is",
      item,
      { type: "text", text: "x", colour: "green" },
      "unknown variant `green`, expected `red` or `blue` at `colour`",
      { type: "text", text: "x", colour: "green" },
    ],
    [
      "a listed kind that is not as it should be",
      item,
      { type: "text", text: 3 },
      "invalid type: number, expected a string at `text`",
      "invalid type: number, expected a string at `text`",
    ],
    [
      "a kind that is no word",
      item,
      { type: 3 },
      "invalid type: number, expected string or map at `type`",
      "invalid type: number, expected string or map at `type`",
    ],
    ["no kind", item, {}, "missing field `type`", "missing field `type`"],
    [
      "a word in place of an object",
      decision,
      "maybe",
      "unknown variant `maybe`, expected one of `yes`, `no`, `later`",
      "maybe",
    ],
    [
      "a member that is not listed",
      decision,
      { never: [1] },
      "unknown variant `never`, expected one of `yes`, `no`, `later`",
      { never: [1] },
    ],
    [
      "a listed member that is not as it should be",
      decision,
      { later: { days: "x" } },
      'invalid type: string "x", expected a number at `later.days`',
      'invalid type: string "x", expected a number at `later.days`',
    ],
    [
      "a further member of a closed object, which it drops",
      closed,
      { a: "red", b: 1 },
      "unknown field `b`, expected `a`",
      { a: "red" },
    ],
    [
      "the form that fits without tolerance",
      either,
      { colour: "green", other: "x" },
      { colour: "green", other: "x" },
      { colour: "green", other: "x" },
    ],
    [
      "a form with a word that is not listed",
      either,
      { colour: "pink" },
      "value matches none of its forms",
      { colour: "pink" },
    ],
    ["the one form that fits", exactly, { one: "red", other: "pink" }, { one: "red" }, { one: "red" }],
    [
      "two forms that fit, which are none",
      exactly,
      { one: "red", other: "blue" },
      "value matches none of its forms",
      "value matches none of its forms",
    ],
    [
      "a form of which one word is not listed",
      exactly,
      { other: "pink" },
      "value matches none of its forms",
      { other: "pink" },
    ],
    ["what its own list leaves open: words", info, "new", "new", "new"],
    [
      "what its own list leaves open: objects, as they came",
      info,
      { fresh: { a: 1 } },
      { fresh: { a: 1 } },
      { fresh: { a: 1 } },
    ],
    ["nothing", info, 3, "value matches none of its forms", "value matches none of its forms"],
  ])("reads %s", (_, schema, value, strict, tolerant) => {
    expect(verdict(schema, value)).toEqual(strict);
    expect(tolerating(() => verdict(schema, value))).toEqual(tolerant);
    expect(tolerating(() => strictly(() => verdict(schema, value)))).toEqual(strict);
  });
});

test("tolerance ends with what it was asked for, however that ends", () => {
  expect(() =>
    tolerating(() => {
      throw new Error("broken");
    }),
  ).toThrow("broken");
  expect(verdict(colour, "green")).toBe("unknown variant `green`, expected `red` or `blue`");
});
