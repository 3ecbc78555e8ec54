import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { until } from "@holdfast/testkit";
import { describe, expect, test } from "vitest";
import { openServices, type ServicesHost } from "../services-host.ts";

async function writeSkill(folder: string, name: string): Promise<string> {
  const path = join(folder, name, "SKILL.md");
  await mkdir(join(folder, name), { recursive: true });
  await writeFile(path, `---\nname: ${name}\ndescription: Does ${name}.\n---\nDo it.\n`);
  return path;
}

async function openSkills() {
  const opened = await openServices('model = "a"\n');
  const { cwd, codexHome } = opened.host;
  await mkdir(join(cwd, ".git"));
  await writeSkill(join(codexHome, "skills"), "of-user");
  await writeSkill(join(cwd, ".agents/skills"), "of-repo");
  return opened;
}

/** Names of skills with what is said of them, by folder. */
async function listed(opened: ServicesHost, params: object) {
  const { data } = (await opened.ask("skills/list", params)) as {
    data: { cwd: string; skills: { name: string; scope: string; enabled: boolean }[]; errors: unknown[] }[];
  };
  return data.map(({ cwd, skills }) => [cwd, ...skills.map((each) => `${each.name} ${each.scope} ${each.enabled}`)]);
}

describe("skills", () => {
  test("are told to be others when a file of theirs changes, or a folder comes", async () => {
    await using opened = await openSkills();
    const { cwd, codexHome } = opened.host;
    const changes = () => opened.client.named("skills/changed").length;
    await opened.ask("skills/list", { cwds: [cwd] });
    await writeFile(join(codexHome, "skills", "of-user", "SKILL.md"), "---\nname: other\ndescription: d\n---\n");
    await until(() => changes() === 1);
    // What was listed is not kept, and is watched again when it is listed.
    expect(await listed(opened, { cwds: [cwd] })).toEqual([[cwd, "of-repo repo true", "other user true"]]);
    await writeSkill(join(cwd, ".codex/skills"), "new");
    await until(() => changes() === 2);
    expect(await listed(opened, { cwds: [cwd] })).toEqual([
      [cwd, "new repo true", "of-repo repo true", "other user true"],
    ]);
  });

  test("are told for each folder, with what is wrong with some", async () => {
    await using opened = await openSkills();
    const { cwd, codexHome } = opened.host;
    const bad = join(codexHome, "skills", "bad", "SKILL.md");
    await mkdir(join(codexHome, "skills", "bad"));
    await writeFile(bad, "no front matter");
    const looks = join(codexHome, "skills", "of-user", "agents");
    await mkdir(looks);
    await writeFile(
      join(looks, "openai.yaml"),
      'interface:\n  display_name: U\n  brand_color: "#112233"\ndependencies:\n  tools:\n    - type: mcp\n      value: x\n      command: c\n',
    );
    expect(await opened.ask("skills/list", { cwds: [cwd, "rel"], forceReload: true })).toEqual({
      data: [
        {
          cwd,
          skills: [
            {
              name: "of-repo",
              description: "Does of-repo.",
              path: join(cwd, ".agents/skills/of-repo/SKILL.md"),
              scope: "repo",
              enabled: true,
              pluginId: null,
            },
            expect.objectContaining({ name: "of-user", scope: "user" }),
          ],
          errors: [{ path: bad, message: "missing YAML frontmatter delimited by ---" }],
        },
        {
          cwd: "rel",
          skills: [
            {
              name: "of-user",
              description: "Does of-user.",
              interface: {
                displayName: "U",
                shortDescription: null,
                iconSmall: null,
                iconLarge: null,
                iconSmallUrl: null,
                iconLargeUrl: null,
                brandColor: "#112233",
                defaultPrompt: null,
              },
              dependencies: { tools: [{ type: "mcp", value: "x", command: "c" }] },
              path: join(codexHome, "skills/of-user/SKILL.md"),
              scope: "user",
              enabled: true,
              pluginId: null,
            },
          ],
          errors: [{ path: bad, message: "missing YAML frontmatter delimited by ---" }],
        },
      ],
    });
  });

  test("are kept until they are wanted anew", async () => {
    await using opened = await openSkills();
    const { cwd } = opened.host;
    const before = [[cwd, "of-repo repo true", "of-user user true"]];
    expect(await listed(opened, {})).toEqual(before);
    await writeSkill(join(cwd, ".agents/skills"), "of-repo-too");
    expect(await listed(opened, { cwds: [cwd] })).toEqual(before);
    expect(await listed(opened, { cwds: [cwd], forceReload: true })).toEqual([
      [cwd, "of-repo repo true", "of-repo-too repo true", "of-user user true"],
    ]);
  });

  test("are turned off and on by the configuration, and every client is told", async () => {
    await using opened = await openSkills();
    const { cwd, codexHome } = opened.host;
    const path = join(codexHome, "skills/of-user/SKILL.md");
    expect(await opened.ask("skills/config/write", { name: "of-repo", enabled: false })).toEqual({
      effectiveEnabled: false,
    });
    expect(await opened.ask("skills/config/write", { path, enabled: false })).toEqual({ effectiveEnabled: false });
    expect(await readFile(opened.file, "utf8")).toBe(
      `model = "a"\n\n[[skills.config]]\nname = "of-repo"\nenabled = false\n\n[[skills.config]]\npath = "${path}"\nenabled = false\n`,
    );
    expect(await listed(opened, {})).toEqual([[cwd, "of-repo repo false", "of-user user false"]]);
    for (const skill of [{ name: "of-repo" }, { path }])
      await opened.ask("skills/config/write", { ...skill, enabled: true });
    expect(await readFile(opened.file, "utf8")).toBe('model = "a"\n');
    expect(await listed(opened, {})).toEqual([[cwd, "of-repo repo true", "of-user user true"]]);
    await until(() => opened.client.named("skills/changed").length === 4);
    const refused = { error: { code: -32602, message: "skills/config/write requires exactly one of path or name" } };
    expect(await opened.ask("skills/config/write", { enabled: true })).toEqual(refused);
    expect(await opened.ask("skills/config/write", { name: " ", enabled: true })).toEqual(refused);
    const relative = {
      error: { code: -32600, message: "Invalid request: AbsolutePathBuf deserialized without a base path" },
    };
    expect(await opened.ask("skills/config/write", { path: "rel", enabled: true })).toEqual(relative);
    expect(await opened.ask("skills/extraRoots/set", { extraRoots: ["rel"] })).toEqual(relative);
    expect(await opened.ask("skills/config/write", { name: "a", path, enabled: true })).toEqual(refused);
  });

  test("are also those of folders that a client adds", async () => {
    await using opened = await openSkills();
    const { cwd, folder } = opened.host;
    await writeSkill(join(folder, "extra"), "of-client");
    expect(await opened.ask("skills/extraRoots/set", { extraRoots: [join(folder, "extra"), "/nope"] })).toEqual({});
    await until(() => opened.client.named("skills/changed").length === 1);
    expect(await listed(opened, {})).toEqual([[cwd, "of-repo repo true", "of-client user true", "of-user user true"]]);
    await opened.ask("skills/extraRoots/set", { extraRoots: [] });
    expect(await listed(opened, {})).toEqual([[cwd, "of-repo repo true", "of-user user true"]]);
  });
});
