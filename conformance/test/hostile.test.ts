import { chmod, rename, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { ATTACKS } from "../src/hostile/attacks/index.ts";
import { parseHostileOptions } from "../src/hostile/options.ts";
import { deedsOf, leaksOf } from "../src/hostile/race/agent.ts";
import { describeUntouched, differences } from "../src/hostile/race/untouched.ts";
import { makeWorld } from "../src/hostile/race/world.ts";
import { raceLines } from "../src/hostile/report.ts";
import { UsageError } from "../src/options.ts";
import { seededRandom } from "../src/soak/random.ts";

test("attacks have names of their own and say in a sentence what holds", () => {
  expect(new Set(ATTACKS.map(({ id }) => id)).size).toBe(ATTACKS.length);
  for (const { id, sentence } of ATTACKS) {
    expect(id).toMatch(/^[a-z]+\.[a-z-]+$/);
    expect(sentence).toMatch(/^[a-z].+[^.]$/);
  }
});

test("options that make no sense are refused by name", () => {
  expect(parseHostileOptions(["--short", "--seed", "7"])).toMatchObject({ short: true, seed: 7, seconds: 6 });
  expect(parseHostileOptions([]).seconds).toBe(60);
  for (const [words, said] of [
    [["--seed", "x"], "--seed"],
    [["--seconds", "-1"], "--seconds"],
    [["--user", "nobody"], "--user"],
    [["--no-such"], "--no-such"],
  ] as const) {
    expect(() => parseHostileOptions(words)).toThrow(UsageError);
    expect(() => parseHostileOptions(words)).toThrow(said);
  }
});

test("whatever is changed where nobody may change anything is seen, and nothing else", async () => {
  await using world = await makeWorld(seededRandom(1));
  const before = await describeUntouched(world);
  expect(differences(before, await describeUntouched(world))).toEqual([]);
  await writeFile(join(world.work, "a/n0"), "theirs to write\n");
  await symlink(world.outside, join(world.local, "n1"));
  expect(differences(before, await describeUntouched(world))).toEqual([]);

  const change = async (act: () => Promise<void>): Promise<readonly string[]> => {
    const earlier = await describeUntouched(world);
    await act();
    return differences(earlier, await describeUntouched(world));
  };
  expect(await change(() => chmod(join(world.home, "private"), 0o666))).toHaveLength(2);
  expect(await change(() => writeFile(join(world.outside, "folder/new"), ""))).toHaveLength(1);
  expect(await change(() => rename(join(world.work, "conf"), join(world.work, "c/n0")))).not.toEqual([]);
  expect(await change(() => writeFile(join(world.source, "small"), "other"))).not.toEqual([]);
});

test("what an agent says is understood, line by line", () => {
  const output = "up\nLEAK /w/n0\nnoise\nDID link=3/10 move-what-is-kept=0/2\nDID link=1/5\n";
  expect(leaksOf(output)).toEqual(["/w/n0"]);
  expect([...deedsOf(output)]).toEqual([
    ["link", [4, 15]],
    ["move-what-is-kept", [0, 2]],
  ]);
});

test("a race that broke something says so in its last line, and how", () => {
  const result = { seed: 7, deeds: new Map(), broken: ["a secret was read"] };
  const lines = raceLines({ ...result, operations: new Map([["cp", [1, 2] as const]]) }, 6);
  expect(lines.join("\n")).toContain("seed 7");
  expect(lines.at(-1)).toContain("VIOLATED");
  expect(lines.join("\n")).toContain("BROKEN a secret was read");
  expect(raceLines({ ...result, operations: new Map(), broken: [] }, 6).at(-1)).toContain("holds");
});
