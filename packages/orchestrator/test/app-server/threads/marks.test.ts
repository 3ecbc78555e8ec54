import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { threadsHost } from "./threads-host.ts";

const NOBODY = "01a22f9a-7a29-7c0e-9b72-9e0e3394d3e4";

/** A repository with a commit, cloned from somewhere with a password. */
function repository(cwd: string): { readonly sha: string } {
  const git = (...args: readonly string[]) => execFileSync("git", args, { cwd, encoding: "utf8" }).trim();
  git("init", "-q", "-b", "trunk/one");
  git("-c", "user.name=a", "-c", "user.email=a@b", "commit", "-q", "--allow-empty", "-m", "x");
  git("remote", "add", "origin", "https://me:secret@example.test/r.git");
  return { sha: git("rev-parse", "HEAD") };
}

describe("what a thread knows of its place", () => {
  test("is the state of the work tree, without the password in it, in its file as well", async () => {
    await using threads = await threadsHost();
    const { cwd } = threads.host;
    const { sha } = repository(cwd);
    mkdirSync(join(cwd, "deep"));
    const client = await threads.client();
    const { id, gitInfo } = await client.start({ cwd: join(cwd, "deep") });
    const known = { sha, branch: "trunk/one", originUrl: "https://example.test/r.git" };
    expect(gitInfo).toEqual(known);
    await client.turn(id, "one");
    await threads.host.server.close();
    await using again = await threads.another();
    const second = await again.client();
    expect((await second.call("thread/read", { threadId: id })).thread.gitInfo).toEqual(known);
    const { data } = await second.call("thread/list", {});
    expect(data[0].gitInfo).toEqual(known);
  });

  test.each([
    ["packed refs", ["pack-refs", "--all"], "trunk/one"],
    ["no branch", ["checkout", "-q", "--detach"], null],
  ] as const)("is found with %s", async (_, args, branch) => {
    await using threads = await threadsHost();
    const { cwd } = threads.host;
    const { sha } = repository(cwd);
    execFileSync("git", args, { cwd });
    const client = await threads.client();
    expect((await client.start()).gitInfo).toMatchObject({ sha, branch });
  });

  test("is found in a work tree of its own", async () => {
    await using threads = await threadsHost();
    const { cwd, folder } = threads.host;
    const { sha } = repository(cwd);
    const tree = join(folder, "tree");
    execFileSync("git", ["worktree", "add", "-q", "-b", "two", tree], { cwd });
    const client = await threads.client();
    const known = { sha, branch: "two", originUrl: "https://example.test/r.git" };
    expect((await client.start({ cwd: tree })).gitInfo).toEqual(known);
  });

  test("is nothing without a repository, or with a broken one", async () => {
    await using threads = await threadsHost();
    const client = await threads.client();
    expect((await client.start()).gitInfo).toBeNull();
    mkdirSync(join(threads.host.cwd, ".git"));
    writeFileSync(join(threads.host.cwd, ".git", "HEAD"), "ref: refs/heads/../../../../etc/passwd\n");
    expect((await client.start()).gitInfo).toBeNull();
  });

  test("are the files of its instructions, which the model is told", async () => {
    await using threads = await threadsHost();
    const { cwd } = threads.host;
    const files = [join(threads.codexHome, "AGENTS.md"), join(cwd, "AGENTS.md")] as const;
    writeFileSync(files[0], "Of the user.");
    writeFileSync(files[1], "Of the project.");
    const client = await threads.client();
    const { thread, instructionSources } = await client.call("thread/start", {});
    expect(instructionSources).toEqual(files);
    await client.turn(thread.id, "one");
    const input = JSON.stringify(threads.model.calls[0]?.body.input);
    expect(input).toContain("Of the user.\\n--- project-doc ---\\n\\nOf the project.");
    expect((await client.call("thread/resume", { threadId: thread.id })).instructionSources).toEqual(files);
  });
});

describe("what people say about a thread", () => {
  test("is kept over a restart", async () => {
    await using threads = await threadsHost();
    const client = await threads.client();
    const { id } = await client.start();
    await client.turn(id, "one");
    const update = async (params: object) =>
      (await client.call("thread/metadata/update", { threadId: id, ...params })).thread.gitInfo;
    expect(await update({ gitInfo: { branch: " b ", originUrl: "u" } })).toEqual({
      sha: null,
      branch: "b",
      originUrl: "u",
    });
    expect(await update({ gitInfo: { originUrl: null } })).toEqual({ sha: null, branch: "b", originUrl: null });
    expect(await update({ daybreakEnabled: true })).toEqual({ sha: null, branch: "b", originUrl: null });
    await threads.host.server.close();
    await using again = await threads.another();
    const second = await again.client();
    const marked = { gitInfo: { sha: null, branch: "b", originUrl: null }, daybreakEnabled: true };
    expect((await second.call("thread/read", { threadId: id })).thread).toMatchObject(marked);
    expect((await second.call("thread/resume", { threadId: id })).thread).toMatchObject(marked);
    const gone = await second.call("thread/metadata/update", { threadId: id, gitInfo: { branch: null } });
    expect(gone.thread.gitInfo).toBeNull();
  });

  test("is refused in the words of Codex, where it says nothing", async () => {
    await using threads = await threadsHost();
    const client = await threads.client();
    const { id } = await client.start();
    const ephemeral = await client.start({ ephemeral: true });
    const refusal = async (params: object) =>
      (await client.refusal("thread/metadata/update", { threadId: id, ...params })).message;
    expect(await refusal({})).toBe("thread metadata update must include at least one field");
    expect(await refusal({ gitInfo: null })).toBe("thread metadata update must include at least one field");
    expect(await refusal({ gitInfo: {} })).toBe("gitInfo must include at least one field");
    expect(await refusal({ gitInfo: { branch: " " } })).toBe("gitInfo.branch must not be empty");
    expect(await refusal({ projectId: "x" })).toBe("project not found: x");
    const gitInfo = { branch: "b" };
    expect(await refusal({ threadId: NOBODY, gitInfo })).toBe(`no rollout found for thread id ${NOBODY}`);
    expect(await refusal({ threadId: ephemeral.id, gitInfo })).toBe(
      `ephemeral thread does not support metadata updates: ${ephemeral.id}`,
    );
  });

  test("is whether it was read: from the first turn on that ended since", async () => {
    await using threads = await threadsHost();
    const client = await threads.client();
    const { id } = await client.start();
    const update = { threadId: id, operation: { type: "read" }, expectedRevision: "x" };
    expect((await client.refusal("thread/readState/update", update)).message).toBe("thread read state unavailable");
    const { id: first } = await client.turn(id, "one");
    await client.turn(id, "two");
    const changes = client.told("thread/readState/changed");
    expect(changes.map(({ readState }) => readState.firstUnread)).toEqual(
      [0, 1].map(() => ({ type: "turn", turnId: first })),
    );
    const names = client.names();
    const [at, idle] = [names.indexOf("thread/readState/changed"), names.indexOf("turn/completed")];
    expect(names.slice(at, idle + 1)).toEqual(["thread/readState/changed", "thread/status/changed", "turn/completed"]);
    const { readState } = changes[1];
    expect((await client.call("thread/list", {})).readStates).toEqual({ [id]: readState });
    expect(await client.refusal("thread/readState/update", update)).toEqual({
      code: -32600,
      message: "read state changed",
      data: { reason: "readStateConflict", readState },
    });
    const read = await client.call("thread/readState/update", { ...update, expectedRevision: readState.revision });
    expect(read.readState.firstUnread).toBeNull();
    expect(client.told("thread/readState/changed").at(-1)).toEqual({ threadId: id, readState: read.readState });
    await threads.host.server.close();

    await using again = await threads.another();
    const second = await again.client();
    expect((await second.call("thread/read", { threadId: id })).readState).toEqual(read.readState);
    const unread = { ...update, operation: { type: "unread" }, expectedRevision: read.readState.revision };
    expect((await second.call("thread/readState/update", unread)).readState.firstUnread).toEqual({
      type: "threadStart",
    });
    const nobody = await second.refusal("thread/readState/update", { ...update, threadId: NOBODY });
    expect(nobody.message).toBe(`thread not loaded: ${NOBODY}`);
    await second.call("thread/delete", { threadId: id });
    expect((await second.refusal("thread/readState/update", unread)).message).toBe(`thread not loaded: ${id}`);
  });
});
