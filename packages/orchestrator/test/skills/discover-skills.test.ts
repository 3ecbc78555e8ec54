import { mkdir, rm, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { type Executor, isFileError } from "@holdfast/exec-client";
import { displayPath, type PathUri, pathUriFromNative } from "@holdfast/path-uri";
import { describe, expect, test } from "vitest";
import { type DiscoveredSkills, discoverSkills, type SkillRoot, skillRoots } from "../../src/index.ts";
import { toolPlace } from "../support/tool-place.ts";

type Files = Readonly<Record<string, string | Uint8Array>>;

async function lay(root: string, files: Files, links: Readonly<Record<string, string>> = {}): Promise<void> {
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(root, name)), { recursive: true });
    await writeFile(join(root, name), content);
  }
  for (const [name, target] of Object.entries(links)) {
    await mkdir(dirname(join(root, name)), { recursive: true });
    await symlink(target, join(root, name));
  }
}

function uri(path: string): PathUri {
  return pathUriFromNative(path, "posix");
}

function skill(name: string, more = ""): string {
  return `---\nname: ${name}\ndescription: about ${name}\n${more}---\nbody\n`;
}

/** An executor that tells which methods were called. */
function counting(executor: Executor) {
  const calls: string[] = [];
  const fs = new Proxy(executor.fs, {
    get(target, name) {
      const member = Reflect.get(target, name, target) as unknown;
      if (typeof member !== "function") return member;
      return (...args: unknown[]) => {
        calls.push(String(name));
        return member.apply(target, args);
      };
    },
  });
  return { executor: { fs, environment: executor.environment }, calls };
}

function named({ skills }: DiscoveredSkills, root: string): string[] {
  return skills.map(({ name, path }) => `${name} ${displayPath(path).replace(`${root}/`, "")}`);
}

async function discovered(files: Files, links: Readonly<Record<string, string>> = {}) {
  await using at = await toolPlace();
  const root = at.folder.join("skills");
  await mkdir(root);
  await lay(root, files, links);
  const found = await discoverSkills(at, [{ path: uri(root), scope: "repo" }]);
  const problems = found.problems.map(({ path, message }) => `${path.replace(`${root}/`, "")}: ${message}`);
  return { ...found, named: named(found, root), problems };
}

describe("skills", () => {
  test("are every SKILL.md up to six folders deep, by name, but for hidden folders", async () => {
    const deep = (depth: number) => `${Array.from({ length: depth }, (_, index) => `d${index}/`).join("")}SKILL.md`;
    const { named, problems, isTruncated } = await discovered({
      "SKILL.md": skill("root"),
      "b/SKILL.md": skill("b"),
      "b/inner/SKILL.md": skill("a"),
      "node_modules/m/SKILL.md": skill("m"),
      ".hidden/SKILL.md": skill("hidden"),
      "lower/skill.md": skill("lower"),
      [deep(6)]: skill("six"),
      [deep(7)]: skill("seven"),
    });
    expect(named).toEqual([
      "a b/inner/SKILL.md",
      "b b/SKILL.md",
      "m node_modules/m/SKILL.md",
      "root SKILL.md",
      "six d0/d1/d2/d3/d4/d5/SKILL.md",
    ]);
    expect(problems).toEqual([]);
    expect(isTruncated).toBe(false);
  });

  test("are found through links to folders, once, and told by where they are", async () => {
    const { named } = await discovered(
      { "real/r/SKILL.md": skill("r") },
      { again: "real", alone: "real/r", loop: ".", "file/SKILL.md": "../real/r/SKILL.md" },
    );
    expect(named).toEqual(["r real/r/SKILL.md"]);
  });

  test("are listed by one call for each root, however many folders there are", async () => {
    await using at = await toolPlace();
    const files = Array.from({ length: 60 }, (_, index) => [`s${index}/x/SKILL.md`, skill(`s${index}`)]);
    await lay(at.folder.path, Object.fromEntries(files));
    const { executor, calls } = counting(at.executor);
    const roots: SkillRoot[] = [
      { path: uri(at.folder.path), scope: "repo" },
      { path: uri(at.folder.join("nothing there")), scope: "user" },
    ];
    const { skills, problems } = await discoverSkills({ executor }, roots);
    expect(skills).toHaveLength(60);
    expect(problems).toEqual([]);
    expect(calls.filter((name) => name === "walk")).toHaveLength(2);
    expect(calls.filter((name) => name.startsWith("readDir"))).toEqual([]);
  });

  test("have heads that are read as people mean them", async () => {
    const { skills, problems } = await discovered({
      "numbers/SKILL.md": "---\nname: 12\ndescription: 13\n---\n",
      "no-name/SKILL.md": "---\ndescription: d\n---\n",
      "empty-name/SKILL.md": '---\nname: ""\ndescription: d\n---\n',
      "tilde/SKILL.md": "---\nname: ~\ndescription: d\n---\n",
      "colon/SKILL.md": "---\nname: colon\ndescription: use it: often\n---\n",
      "bracket/SKILL.md": "---\nname: [\ndescription: {a\n---\n",
      "lines/SKILL.md": "---\nname: lines\ndescription: |\n  a\n  b\n---\n",
      "blanks/SKILL.md": '---\nname: "  a  b "\ndescription: "x\\n y"\n---\n',
      "anchor/SKILL.md": "---\nname: &n an\ndescription: *n\n---\n",
      "crlf/SKILL.md": skill("crlf").replaceAll("\n", "\r\n"),
      "fences/SKILL.md": "--- \nname: fences\ndescription: d\n---\t\n",
      "short/SKILL.md": skill("short", "metadata:\n  short-description: in short\n"),
      "other/SKILL.md": skill("other", "license: MIT\nallowed-tools: [a, b]\n"),
      "long/SKILL.md": `---\nname: ${"é".repeat(64)}\ndescription: d\n---\n`,
    });
    expect(problems).toEqual([]);
    const heads = skills.map(({ name, description, shortDescription }) => [name, description, shortDescription]);
    expect(heads).toEqual([
      ["12", "13", undefined],
      ["[", "{a", undefined],
      ["a b", "x y", undefined],
      ["an", "an", undefined],
      ["colon", "use it: often", undefined],
      ["crlf", "about crlf", undefined],
      ["empty-name", "d", undefined],
      ["fences", "d", undefined],
      ["lines", "a b", undefined],
      ["no-name", "d", undefined],
      ["other", "about other", undefined],
      ["short", "about short", "in short"],
      ["tilde", "d", undefined],
      ["é".repeat(64), "d", undefined],
    ]);
  });

  test("whose heads say nothing are told as problems, and are no skills", async () => {
    const { skills, problems } = await discovered({
      "a/SKILL.md": "words",
      "b/SKILL.md": `\ufeff${skill("b")}`,
      "c/SKILL.md": `\n${skill("c")}`,
      "d/SKILL.md": "---\nname: d\n---\n",
      "e/SKILL.md": "---\nname: e\ndescription: d\n",
      "f/SKILL.md": skill("x".repeat(65)),
      "g/SKILL.md": "---\nname: a\nname: b\ndescription: d\n---\n",
      "h/SKILL.md": "---\n- a\n---\n",
      "i/SKILL.md": "---\nname:\n  a: b\ndescription: d\n---\n",
      "j/SKILL.md": Uint8Array.of(0x2d, 0xff),
      "k/SKILL.md": "---\nname: k\ndescription: d\nmetadata: x\n---\n",
      "l/SKILL.md": `${skill("l")}${"x".repeat(1_048_576)}`,
    });
    expect(skills).toEqual([]);
    const fence = "missing YAML frontmatter delimited by ---";
    expect(problems).toEqual([
      `a/SKILL.md: ${fence}`,
      `b/SKILL.md: ${fence}`,
      `c/SKILL.md: ${fence}`,
      "d/SKILL.md: missing field `description`",
      `e/SKILL.md: ${fence}`,
      "f/SKILL.md: invalid name: exceeds maximum length of 64 characters",
      "g/SKILL.md: invalid YAML: Map keys must be unique",
      "h/SKILL.md: invalid YAML: it must be a map",
      "i/SKILL.md: invalid YAML: name: it must be a text",
      "j/SKILL.md: failed to read file: it is not UTF-8 text",
      "k/SKILL.md: invalid YAML: metadata: it must be a map",
      "l/SKILL.md: failed to read file: it exceeds the 1048576-byte limit",
    ]);
  });

  test("have looks and needs, where a file beside them says so", async () => {
    const { skills, problems } = await discovered({
      "a/SKILL.md": skill("a"),
      "a/agents/openai.yaml": [
        "interface:",
        "  display_name: A",
        "  short_description: in short",
        "  icon_small: ./assets/a.svg",
        "  icon_large: ../../outside.png",
        '  brand_color: "#ff0000"',
        "  default_prompt: do $a",
        "dependencies:",
        "  tools:",
        "    - type: mcp",
        "      value: github",
        "      url: https://example.com",
        "    - type: mcp",
        "",
      ].join("\n"),
      "b/SKILL.md": skill("b"),
      "b/agents/openai.yaml": "bad: [",
    });
    expect(problems).toEqual([expect.stringMatching(/^b\/agents\/openai\.yaml: invalid YAML: /)]);
    expect(skills[0]).toMatchObject({
      name: "a",
      interface: {
        displayName: "A",
        shortDescription: "in short",
        iconSmall: expect.stringMatching(/\/skills\/a\/assets\/a\.svg$/),
        iconLarge: undefined,
        brandColor: "#ff0000",
        defaultPrompt: "do $a",
      },
      tools: [{ type: "mcp", value: "github", url: "https://example.com" }],
    });
    expect(skills[1]).toMatchObject({ name: "b", interface: undefined, tools: [] });
  });

  test("are confined as their place is: what may not be read is no skill", async () => {
    await using at = await toolPlace();
    await lay(at.folder.path, { "a/SKILL.md": skill("a"), "b/SKILL.md": skill("b") });
    const place = { executor: at.executor, sandbox: { deny: [at.folder.join("b")] } };
    const { skills } = await discoverSkills(place, [{ path: uri(at.folder.path), scope: "repo" }]);
    expect(skills.map(({ name }) => name)).toEqual(["a"]);
  });

  test("of a root with more folders than are looked into are found as far as that, and it is told", async () => {
    const files = Array.from({ length: 2_100 }, (_, index) => [
      `s${String(index).padStart(4, "0")}/SKILL.md`,
      skill("s"),
    ]);
    const { skills, isTruncated } = await discovered(Object.fromEntries(files));
    expect(skills).toHaveLength(1_999);
    expect(isTruncated).toBe(true);
  });

  test("that are gone before they are read are a problem, and a lost connection an error", async () => {
    await using at = await toolPlace();
    await lay(at.folder.path, { "a/SKILL.md": skill("a"), "b/SKILL.md": skill("b") });
    const fs = new Proxy(at.executor.fs, {
      get(target, name) {
        const member = Reflect.get(target, name, target) as unknown;
        if (typeof member !== "function") return member;
        if (name !== "walk") return member.bind(target);
        return async (...args: unknown[]) => {
          const listed: unknown = await member.apply(target, args);
          await rm(at.folder.join("a"), { recursive: true });
          return listed;
        };
      },
    });
    const roots: SkillRoot[] = [{ path: uri(at.folder.path), scope: "repo" }];
    const { skills, problems } = await discoverSkills({ executor: { fs } }, roots);
    expect(skills.map(({ name }) => name)).toEqual(["b"]);
    expect(problems).toEqual([
      { path: at.folder.join("a", "SKILL.md"), message: expect.stringContaining("failed to read file: ENOENT") },
    ]);
    await at.executor.close();
    const gone = await discoverSkills(at, roots).catch((error: unknown) => error);
    expect(isFileError(gone)).toBe(false);
    expect(gone).toMatchObject({ name: "LinkError" });
  });
});

describe("where skills are looked for", () => {
  test("is every folder of the project down to the working folder, the home, and Codex's own folder", async () => {
    await using at = await toolPlace();
    await mkdir(at.folder.join("repo", "sub", "deep"), { recursive: true });
    await mkdir(at.folder.join("repo", ".git"));
    const cwd = uri(at.folder.join("repo", "sub", "deep"));
    const roots = await skillRoots(at, { cwd, codexHome: uri("/codex") });
    const shown = roots.map(({ path, scope }) => `${scope} ${displayPath(path).replace(at.folder.path, "")}`);
    const home = at.executor.environment.userHomeDir;
    expect(shown).toEqual([
      "repo /repo/.agents/skills",
      "repo /repo/sub/.agents/skills",
      "repo /repo/sub/deep/.agents/skills",
      "repo /repo/sub/deep/.codex/skills",
      ...(home === undefined ? [] : [`user ${displayPath(home)}/.agents/skills`]),
      "user /codex/skills",
      "system /codex/skills/.system",
    ]);
    await using bare = await toolPlace();
    const marked = await skillRoots(bare, { cwd: uri(bare.folder.path), projectMarkers: ["no such marker"] });
    expect(marked.filter(({ scope }) => scope === "repo")).toHaveLength(2);
  });
});
