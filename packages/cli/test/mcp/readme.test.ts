import { chmodSync, mkdirSync, readFileSync, renameSync, symlinkSync, writeFileSync } from "node:fs";
import { tempDir } from "@holdfast/testkit";
import { describe, expect, test } from "vitest";
import { BIN } from "../support/cli.ts";
import { skipped, unconfinable, ungrantedDir } from "../support/confinement.ts";
import { farBox } from "../support/far-box.ts";
import { mcpClient, type ServerCommand } from "../support/mcp-client.ts";

const README = readFileSync(new URL("../../../../README.md", import.meta.url), "utf8");
const [, SECTION = ""] = /^### In Claude Code(.*?)^### /ms.exec(README) ?? [];
/** Where its examples work on the other machine. */
const FAR_FOLDER = "/srv/app";

/** What is between the fences of one kind. */
function block(kind: string): string {
  const [, text = ""] = new RegExp(`^\`\`\`${kind}\n(.*?)^\`\`\``, "ms").exec(SECTION) ?? [];
  return text;
}

/** Servers by their names, as each client would start them. */
function servers(): readonly (readonly [string, ServerCommand])[] {
  const { mcpServers } = JSON.parse(block("json")) as { readonly mcpServers: Record<string, ServerCommand> };
  const added = [...block("sh").matchAll(/^(\w+ mcp add \S+) -- (.+)$/gm)].map(([, name = "", words = ""]) => {
    const [command = "", ...args] = words.split(" ");
    return [name, { command, args }] as const;
  });
  return [...Object.entries(mcpServers), ...added];
}

/** A machine with what the examples of the README need, and nothing else: `npx`, and an `ssh` that leads to another home. */
async function machine() {
  const stack = new AsyncDisposableStack();
  const bin = stack.use(await tempDir());
  const box = stack.use(await farBox("a program like ssh"));
  writeFileSync(
    bin.join("npx"),
    `#!/bin/sh\n[ "$1 $2" = "-y holdfast" ] || exit 64\nshift 2\nexec '${process.execPath}' '${BIN}' "$@"\n`,
  );
  chmodSync(bin.join("npx"), 0o755);
  renameSync(box.ssh, bin.join("ssh"));
  symlinkSync(process.execPath, bin.join("node"));
  mkdirSync(box.home("app"));
  return {
    env: { PATH: `${bin.path}:/usr/bin:/bin` },
    farFolder: box.home("app"),
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

describe.skipIf(unconfinable !== undefined)(`what the README tells clients to start${skipped}`, () => {
  test("is there for each of them", () => {
    expect(servers().map(([name]) => name)).toEqual([
      "holdfast",
      "devbox",
      "claude mcp add holdfast",
      "claude mcp add devbox",
      "codex mcp add devbox",
    ]);
  });

  test.each(servers())("works as it stands: %s", async (_name, { command, args = [] }) => {
    await using at = await machine();
    await using project = await ungrantedDir();
    const isFar = args.includes("--url");
    const server = { command, args: args.map((word) => word.replace(FAR_FOLDER, at.farFolder)), env: at.env };
    await using mcp = await mcpClient({ ...server, cwd: project.path });
    const folder = isFar ? at.farFolder : project.path;
    expect(await mcp.call("write_file", { path: "made.txt", content: "made\n" })).toMatchObject({ isError: false });
    expect((await mcp.call("exec_command", { cmd: "cat made.txt", login: false })).text).toMatch(/Output:\nmade\n$/);
    expect(readFileSync(`${folder}/made.txt`, "utf8")).toBe("made\n");
    expect(mcp.stderr()).toBe("");
  });
});
