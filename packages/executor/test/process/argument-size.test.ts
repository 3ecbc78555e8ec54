import { expect, test } from "vitest";
import { checkArgumentSize } from "../../src/process/argument-size.ts";
import { MAX_ARGUMENT_BYTES } from "../../src/process/limits.ts";

const TOO_LONG = "Argument list too long (os error 7)";

function check(argv: readonly string[], env: Readonly<Record<string, string>> = {}) {
  return checkArgumentSize({ argv, arg0: undefined, env });
}

test("a word or a variable may have as many bytes as Linux takes, and not one more", () => {
  const longest = "x".repeat(MAX_ARGUMENT_BYTES - 1);
  expect(() => check(["true", longest])).not.toThrow();
  expect(() => check(["true", `${longest}x`])).toThrow(TOO_LONG);
  expect(() => check(["true"], { A: longest.slice(2) })).not.toThrow();
  expect(() => check(["true"], { A: longest.slice(1) })).toThrow(TOO_LONG);
  expect(() => check(["true", "\u00e9".repeat(MAX_ARGUMENT_BYTES / 2)])).toThrow(TOO_LONG);
});

test("many short words are too many together as well", () => {
  expect(() => check(Array.from({ length: 200_000 }, () => "x"))).not.toThrow();
  expect(() => check(Array.from({ length: 700_000 }, () => "x"))).toThrow(TOO_LONG);
  expect(() => check(Array.from({ length: 60 }, () => "x".repeat(120_000)))).toThrow(TOO_LONG);
});
