import { describe, expect, test } from "vitest";
import { GROWTH_MIN_BYTES, ToldSize } from "../../src/transfer/told-size.ts";

const refused = /it does not end: the executor told/;

describe("the size that an executor tells", () => {
  test("lets a small file grow by a fixed amount, and not by a byte more", () => {
    const admit = new ToldSize().file(5);
    admit(5);
    admit(GROWTH_MIN_BYTES);
    expect(() => admit(1)).toThrow(refused);
  });

  test("lets a large one double", () => {
    const size = 10 * GROWTH_MIN_BYTES;
    const admit = new ToldSize().file(size);
    admit(size);
    admit(size);
    expect(() => admit(1)).toThrow(refused);
  });

  test("is shared by the files of one copy: those that keep to it are not held to account for others", () => {
    const told = new ToldSize();
    const [endless, other, honest] = [told.file(1), told.file(1), told.file(1_000)];
    endless(1 + GROWTH_MIN_BYTES);
    expect(() => endless(1)).toThrow(refused);
    other(1);
    expect(() => other(1)).toThrow(refused);
    honest(500);
    honest(500);
  });
});
