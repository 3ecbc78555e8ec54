import { isAtLeast, type Release } from "@holdfast/reference-peer";
import fc from "fast-check";
import { maxBytesOf, type ToolSet } from "./judge-names.ts";

/** Servers and tools whose names are likely to be the same, or too long, for a model. */
export function randomTools(release: Release, seed: number): ToolSet {
  const limit = maxBytesOf(release);
  const serverUnits = isAtLeast(release.version, "0.169.0")
    ? ["a", "b", "_", "-", ".", ":", "/", "@"]
    : ["a", "b", "_", "-"];
  const word = (units: readonly string[], lengths: readonly number[]) =>
    fc
      .constantFrom(...lengths)
      .chain((length) => fc.string({ unit: fc.constantFrom(...units), minLength: length, maxLength: length }));
  const server = word(serverUnits, [1, 2, 3, 40, 45, 49, 57, limit - 20, limit]);
  const tool = word(["a", "b", "_", "-", ".", " ", "é", "日", "😀", "A"], [1, 2, 2, 3, 20, limit]);
  const servers = fc.dictionary(server, fc.array(tool, { minLength: 1, maxLength: 6 }), { minKeys: 3, maxKeys: 6 });
  const [tools = {}] = fc.sample(servers, { numRuns: 1, seed });
  return { ...tools };
}
