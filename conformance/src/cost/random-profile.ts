import type { Random } from "../soak/random.ts";
import { many, name, text } from "./random-text.ts";

type Json = Record<string, unknown>;

const MOST_ENTRIES = 20_000;
const MOST_GLOBS = 300;

/** A context that asks to be confined to something: a few places, or very many; patterns over small and large trees. */
export function sandboxContext(random: Random, folder: string): Json {
  const most = random.pick([4, 4, 64, 1_000, MOST_ENTRIES]);
  const places = many(random, most, () => ({
    path: place(random, folder),
    access: random.pick(["read", "write", "deny"]),
  }));
  const globs = many(random, random.pick([0, 4, MOST_GLOBS]), () => ({
    path: { type: "glob_pattern", pattern: pattern(random, folder) },
    access: "deny",
  }));
  const root = { path: { type: "special", value: { kind: "root" } }, access: "read" };
  return {
    permissions: {
      type: "managed",
      network: "restricted",
      file_system: { type: "restricted", entries: [root, ...places, ...globs] },
    },
    cwd: `file://${folder}`,
    workspaceRoots: many(
      random,
      random.pick([1, 8, 64]),
      () => `file://${folder}/${name(random).replaceAll("..", "")}`,
    ),
    windowsSandboxLevel: "disabled",
  };
}

function place(random: Random, folder: string): Json {
  const deep = "d/".repeat(random.pick([0, 1, 8, 300]));
  const path = `file://${random.pick([folder, `${folder}/tree`, "/usr", "/nowhere"])}/${deep}${text(random, random.pick([8, 64, 2_000]))}`;
  const special = random.pick(["minimal", "tmpdir", "slash_tmp", "project_roots"]);
  return random.between(0, 9) === 0 ? { type: "special", value: { kind: special } } : { type: "path", path };
}

function pattern(random: Random, folder: string): string {
  const base = random.pick([`${folder}/`, `${folder}/tree/`, "/usr/", ""]);
  return base + random.pick(["**/*.env", "*", "**", "?*?*?*", `**/${text(random, 64)}`, text(random, 400)]);
}
