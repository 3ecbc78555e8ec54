import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { type ThreadsHost, threadsHost } from "./threads-host.ts";

/** Write a skill. @returns its file. */
function skill(root: string, name: string, description: string): string {
  const folder = join(root, name);
  mkdirSync(folder, { recursive: true });
  const file = join(folder, "SKILL.md");
  writeFileSync(file, `---\nname: ${name}\ndescription: ${description}\n---\nDo it so.\n`);
  return file;
}

/** What the model was told of skills in its last request, oldest first. */
function told({ model }: ThreadsHost): readonly string[] {
  const input = model.calls.at(-1)?.body.input ?? [];
  const parts = input.flatMap(({ content }) => (Array.isArray(content) ? content : []));
  return parts.flatMap(({ text }) => (String(text).startsWith("<skills_instructions>") ? [String(text)] : []));
}

describe("the skills of a thread", () => {
  test("are told to the model, with where each can be read, and again when they are others", async () => {
    await using threads = await threadsHost();
    const { cwd, userHome } = threads.host;
    const shout = skill(join(cwd, ".agents/skills"), "shout", "How to\n  shout");
    const whisper = skill(join(userHome, ".agents/skills"), "whisper", "How to whisper");
    const own = skill(join(threads.codexHome, "skills"), "own", "Of the user");
    const client = await threads.client();
    const { id } = await client.start();
    await client.turn(id, "one");
    const [text = ""] = told(threads);
    for (const line of [
      `- shout: How to shout (file: ${shout})`,
      `- whisper: How to whisper (file: ${whisper})`,
      `- own: Of the user (file: ${own})`,
    ]) {
      expect(text).toContain(`\n${line}\n`);
    }
    await client.turn(id, "two");
    expect(told(threads)).toHaveLength(1);
    skill(join(cwd, ".agents/skills"), "sing", "How to sing");
    await client.turn(id, "three");
    expect(told(threads)).toHaveLength(2);
    expect(told(threads)[1]).toContain("- sing: How to sing");
  });

  test("are not told where the configuration turns them off, or where there are none", async () => {
    await using threads = await threadsHost();
    const client = await threads.client();
    const none = await client.start();
    await client.turn(none.id, "one");
    expect(told(threads)).toEqual([]);
    skill(join(threads.host.cwd, ".agents/skills"), "shout", "How to shout");
    await client.call("skills/config/write", { name: "shout", enabled: false });
    const { id } = await client.start();
    await client.turn(id, "one");
    expect(told(threads)).toEqual([]);
  });

  test("are bounded", async () => {
    await using threads = await threadsHost();
    for (let at = 0; at < 40; at += 1) {
      skill(join(threads.host.cwd, ".agents/skills"), `skill-${at}`, "x".repeat(1_000));
    }
    const client = await threads.client();
    const { id } = await client.start();
    await client.turn(id, "one");
    const [text = ""] = told(threads);
    expect(text.length).toBeLessThan(17_000);
    expect(text).toMatch(/\n- and \d+ more, which are not listed\n<\/skills_instructions>$/);
  });

  test("are those of the folders that it has selected as well, also after a restart", async () => {
    await using threads = await threadsHost();
    const root = join(threads.host.folder, "selected");
    const file = skill(root, "dance", "How to dance");
    const client = await threads.client();
    const location = { type: "environment", environmentId: "local", path: root };
    const { id } = await client.start({ selectedCapabilityRoots: [{ id: "r", location }] });
    await client.turn(id, "one");
    expect(told(threads)[0]).toContain(`- dance: How to dance (file: ${file})`);
    await threads.host.server.close();
    await using again = await threads.another();
    const second = await again.client();
    await second.call("thread/resume", { threadId: id });
    skill(root, "draw", "How to draw");
    await second.turn(id, "two");
    expect(told(threads)[1]).toContain("- draw: How to draw");
    const wrong = { selectedCapabilityRoots: [{ id: "r", location: { ...location, path: "not/absolute" } }] };
    expect((await second.refusal("thread/start", wrong)).message).toBe(
      "Invalid request: path `not/absolute` is not absolute",
    );
  });
});
