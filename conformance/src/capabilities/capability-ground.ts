import { mkdir, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";

/** Roots as people have them, and as they should not be: below each, what lies there, by name. */
export const ROOTS: Readonly<Record<string, Readonly<Record<string, string | Uint8Array>>>> = {
  plugin: {
    ".codex-plugin/plugin.json": '{"name":"plugin","skills":"./skills"}',
    ".mcp.json": '{"mcpServers":{}}',
    ".app.json": "{}",
    "skills/a/SKILL.md": skill("a"),
    "skills/a/agents/openai.yaml": 'interface:\n  display_name: "A"\n',
    "skills/bad/SKILL.md": "words",
    "elsewhere/b/SKILL.md": skill("b"),
  },
  "named-files": {
    ".codex-plugin/plugin.json": '{"name":"p","mcpServers":"./x.json","apps":"./y.json"}',
    "x.json": "X",
    "y.json": "Y",
    ".mcp.json": "{}",
  },
  "within-the-manifest": { ".codex-plugin/plugin.json": '{"name":"p","mcpServers":{"s":{}}}', ".mcp.json": "{}" },
  "files-outside": { ".codex-plugin/plugin.json": '{"name":"p","mcpServers":"../x","apps":"y.json"}', "y.json": "{}" },
  "files-missing": { ".codex-plugin/plugin.json": '{"name":"p","mcpServers":"./missing.json"}', ".mcp.json": "{}" },
  "broken-manifest": { ".codex-plugin/plugin.json": "{", "skills/a/SKILL.md": skill("a") },
  "other-manifests": { ".claude-plugin/plugin.json": '{"name":"c"}', ".cursor-plugin/plugin.json": '{"name":"d"}' },
  "manifests-below": {
    "x/.codex-plugin/plugin.json": "{}",
    "x/y/.claude-plugin/plugin.json": "{}",
    "x/y/SKILL.md": skill("y"),
  },
  bare: { "SKILL.md": skill("bare"), "x/SKILL.md": skill("x"), ".hidden/SKILL.md": skill("h"), ".mcp.json": "{}" },
  deep: {
    [`${"d/".repeat(6)}SKILL.md`]: skill("six"),
    [`${"d/".repeat(7)}SKILL.md`]: skill("seven"),
  },
  unread: {
    "a/SKILL.md": Uint8Array.of(0xff),
    "b/SKILL.md": `${skill("b")}${"x".repeat(1_100_000)}`,
    "c/SKILL.md": `${skill("c")}${"x".repeat(900_000)}`,
  },
  linked: { "real/SKILL.md": skill("linked"), "alone/x": "" },
  empty: {},
};

const LINKS: Readonly<Record<string, string>> = {
  "linked/link": "real",
  "linked/loop": ".",
  "linked/alone/SKILL.md": "../real/SKILL.md",
  "by-link": "bare",
};

/** And roots that are none. */
export const ROOT_NAMES: readonly string[] = [...Object.keys(ROOTS), "by-link", "no-folder", "missing"];

export async function layRoots(folder: string): Promise<void> {
  for (const [root, files] of Object.entries(ROOTS)) {
    await mkdir(join(folder, root), { recursive: true });
    for (const [name, content] of Object.entries(files)) {
      await mkdir(dirname(join(folder, root, name)), { recursive: true });
      await writeFile(join(folder, root, name), content);
    }
  }
  await writeFile(join(folder, "no-folder"), "");
  for (const [name, target] of Object.entries(LINKS)) await symlink(target, join(folder, name));
}

function skill(name: string): string {
  return `---\nname: ${name}\ndescription: about ${name}\n---\n`;
}

/** Heads of skills, each right or wrong in its own way. */
export const HEADS: Readonly<Record<string, string>> = {
  plain: skill("plain"),
  words: "words",
  nothing: "",
  "no-name": "---\ndescription: d\n---\n",
  "no-description": "---\nname: n\n---\n",
  "empty-name": '---\nname: ""\ndescription: d\n---\n',
  "empty-description": '---\nname: n\ndescription: ""\n---\n',
  "no-end": "---\nname: n\ndescription: d\n",
  "empty-head": "---\n---\n",
  "open-bracket": "---\nname: [\ndescription: d\n---\n",
  "open-brace": "---\nname: n\ndescription: {a\n---\n",
  at: "---\nname: n\ndescription: @at\n---\n",
  backquotes: "---\nname: n\ndescription: `t`\n---\n",
  percent: "---\nname: n\ndescription: %p\n---\n",
  dash: "---\nname: n\ndescription: - a\n---\n",
  "half-quoted": '---\nname: n\ndescription: "a" b\n---\n',
  "open-quote": '---\nname: n\ndescription: "a: b\n---\n',
  colons: "---\nname: a: b\ndescription: c: d: e\n---\n",
  "other-colons": "---\nname: n\ndescription: d\nother: a: b\n---\n",
  "colons-below": "---\nname: n\ndescription: d\nmetadata:\n  short-description: a: b\n---\n",
  comment: "---\nname: n\ndescription: a # b\n---\n",
  tab: "---\nname: n\n\tdescription: d\n---\n",
  list: "---\n- a\n---\n",
  "list-value": "---\nname: n\ndescription: [a, b]\n---\n",
  "map-value": "---\nname: n\ndescription: {a: b}\n---\n",
  "map-name": "---\nname:\n  a: b\ndescription: d\n---\n",
  numbers: "---\nname: 12\ndescription: 13\n---\n",
  words2: "---\nname: true\ndescription: 1.0\n---\n",
  date: "---\nname: n\ndescription: 2020-01-01\n---\n",
  tilde: "---\nname: ~\ndescription: d\n---\n",
  tag: "---\nname: n\ndescription: !tag v\n---\n",
  anchor: "---\nname: &a an\ndescription: *a\n---\n",
  "no-anchor": "---\nname: n\ndescription: *a\n---\n",
  twice: "---\nname: a\nname: b\ndescription: d\n---\n",
  capitals: "---\nName: n\nDescription: d\n---\n",
  "quoted-keys": '---\n"name": n\n"description": d\n---\n',
  flow: "---\n{name: n, description: d}\n---\n",
  folded: "---\nname: n\ndescription: >\n  a: b\n  c\n---\n",
  literal: "---\nname: n\ndescription: |\n  a\n  b\n---\n",
  blanks: '---\nname: "  a  b "\ndescription: "  x\\n  y "\n---\n',
  mark: `\ufeff${skill("mark")}`,
  "blank-line": `\n${skill("blank")}`,
  crlf: skill("crlf").replaceAll("\n", "\r\n"),
  dots: "---\nname: n\ndescription: d\n...\n",
  dashes: "----\nname: n\ndescription: d\n----\n",
  "blanks-at-fences": "--- \nname: n\ndescription: d\n--- \n",
  "at-the-end": "---\nname: n\ndescription: d\n---",
  "long-name": `---\nname: ${"é".repeat(64)}\ndescription: d\n---\n`,
  "too-long-name": `---\nname: ${"x".repeat(65)}\ndescription: d\n---\n`,
  "long-description": `---\nname: n\ndescription: ${"d".repeat(3_000)}\n---\n`,
  short: "---\nname: n\ndescription: d\nmetadata:\n  short-description: sd\n---\n",
  "bad-metadata": "---\nname: n\ndescription: d\nmetadata: x\n---\n",
  extra: "---\nname: n\ndescription: d\nlicense: MIT\nversion: 1\nallowed-tools: Bash\n---\n",
};
