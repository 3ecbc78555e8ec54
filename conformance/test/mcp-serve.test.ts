import { chmodSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { ensureRelease, RELEASES } from "@holdfast/reference-peer";
import { tempDir } from "@holdfast/testkit";
import { expect, test } from "vitest";
import { outputsOf } from "../src/conversation.ts";
import { type ConversationItem, startMockModel } from "../src/mock-model.ts";
import { runReferenceCli } from "../src/reference-cli.ts";

const README = readFileSync(new URL("../../README.md", import.meta.url), "utf8");
const [, TABLE = ""] = /^### In Claude Code.*?^```toml\n(.*?)^```/ms.exec(README) ?? [];
const PROGRAM = fileURLToPath(import.meta.resolve("holdfast/package.json")).replace(
  /package\.json$/,
  "bin/holdfast.mjs",
);

function toolCall(callId: string, name: string, args: object): ConversationItem {
  const call = { type: "function_call", id: `item-${callId}`, call_id: callId };
  return { ...call, name, namespace: "mcp__holdfast", arguments: JSON.stringify(args) };
}

test.each([RELEASES[0], RELEASES.at(-1)])(
  "Codex %s starts what the README tells it to, and its model reads, writes and runs commands with it",
  { timeout: 90_000 },
  async (version = "0.171.0") => {
    const release = await ensureRelease(version);
    await using project = await tempDir();
    await using bin = await tempDir();
    writeFileSync(
      bin.join("npx"),
      `#!/bin/sh\n[ "$1 $2" = "-y holdfast" ] || exit 64\nshift 2\nexec '${process.execPath}' '${PROGRAM}' "$@"\n`,
    );
    chmodSync(bin.join("npx"), 0o755);
    const patch = "*** Begin Patch\n*** Update File: a.txt\n@@\n-one\n+two\n*** End Patch\n";
    await using model = await startMockModel([
      () => [toolCall("write", "write_file", { path: "a.txt", content: "one\n" })],
      () => [toolCall("patch", "apply_patch", { input: patch })],
      () => [
        toolCall("read", "read_file", { path: "a.txt" }),
        toolCall("run", "exec_command", { cmd: "cat a.txt; exit 3", login: false }),
      ],
    ]);
    const result = await runReferenceCli({
      release,
      executorUrl: "",
      model,
      cwd: project.path,
      // A release asks its model before a server that is slow to start is there, unless it is told to wait.
      tables: `${TABLE.replace('"npx"', JSON.stringify(bin.join("npx")))}required = true\n`,
    });
    expect(result).toMatchObject({ exitCode: 0 });
    expect(model.failure()).toBeUndefined();
    const namespace = model.requests[0]?.tools.find(({ name }) => name === "mcp__holdfast");
    expect(namespace?.description).toContain(`${project.path} as the working folder`);
    const last = model.requests.at(-1);
    const outputs = last === undefined ? new Map<string, string>() : outputsOf(last);
    expect(outputs.get("write")).toContain("wrote ");
    expect(outputs.get("read")).toContain("two");
    expect(outputs.get("run")).toContain("Process exited with code 3");
    expect(readFileSync(project.join("a.txt"), "utf8")).toBe("two\n");
  },
);
