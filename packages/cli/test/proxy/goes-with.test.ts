import { expect, test } from "vitest";
import { goesWith } from "../../src/proxy/goes-with.ts";

test.each([
  ["0.1.0", "0.1.0", true],
  ["0.1.0", "0.1.7", true],
  ["0.1.0", "0.2.0", false],
  ["1.0.0", "1.9.3", true],
  ["1.0.0-rc.1", "1.0.0", true],
  ["1.0.0", "2.0.0", false],
  ["0.10.0", "0.1.0", false],
  ["10.0.0", "1.0.0", false],
  ["", "", false],
  ["nonsense", "nonsense", false],
])("%s and %s go together: %s", (one, other, together) => {
  expect(goesWith(one, other)).toBe(together);
});
