import assert from "node:assert/strict";
import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { type Cage, inCage } from "../sandbox/cage.ts";
import { contextFor, workspaceWrite } from "../sandbox/columns.ts";
import type { WireScenario } from "../scenario.ts";
import { uriOf } from "../start-params.ts";
import type { WireMessage } from "../wire-line.ts";

/** Longer than a helper is kept for the next operation. */
const SOON_MS = 20_000;

type Sandbox = Readonly<Record<string, unknown>>;

function write({ line, sandbox }: Cage, path: string, text: string, other?: Sandbox): Promise<WireMessage> {
  return line.call("fs/writeFile", {
    path: uriOf(path),
    dataBase64: Buffer.from(text).toString("base64"),
    sandbox: other ?? sandbox,
  });
}

function read({ line }: Cage, path: string, sandbox: Sandbox): Promise<WireMessage> {
  return line.call("fs/readFile", { path: uriOf(path), sandbox });
}

/** A first operation, so that whatever serves the next ones may be there already. */
async function beginWith(cage: Cage, sandbox?: Sandbox): Promise<void> {
  const { error } = await write(cage, join(cage.playground.workspace, "file"), "first\n", sandbox);
  assert.equal(error, undefined);
}

function denying({ playground }: Cage, path: object): Sandbox {
  return contextFor(playground.workspace, workspaceWrite([{ path, access: "deny" }]));
}

function freshScenario(id: string, sentence: string, body: (cage: Cage) => Promise<void>): WireScenario {
  return {
    direction: "wire",
    id: `wire.sandbox-fresh-${id}`,
    sentence,
    requirements: ["sandbox.files"],
    essential: false,
    since: "0.169.0",
    run: (context) => inCage(context, body),
  };
}

/** Every file operation is confined for the files as they are when it comes, not as they were for an earlier one. */
export const WIRE_SANDBOX_FRESH: readonly WireScenario[] = [
  freshScenario("workspace", "a workspace that was replaced is the one that is written", async (cage) => {
    const { workspace } = cage.playground;
    await beginWith(cage);
    await rename(workspace, `${workspace}-old`);
    await mkdir(workspace);
    const { error } = await write(cage, join(workspace, "file"), "second\n");
    assert.equal(error, undefined);
    assert.equal(await readFile(join(workspace, "file"), "utf8").catch(() => "nothing"), "second\n");
  }),
  freshScenario(
    "workspace-again",
    "a workspace that was removed and made again is the one that is written",
    async (cage) => {
      const { workspace } = cage.playground;
      await beginWith(cage);
      await rm(workspace, { recursive: true });
      await mkdir(workspace);
      const { error } = await write(cage, join(workspace, "file"), "second\n");
      assert.equal(error, undefined);
      assert.equal(await readFile(join(workspace, "file"), "utf8").catch(() => "nothing"), "second\n");
    },
  ),
  freshScenario("metadata", "metadata that was made anew is protected like that before it", async (cage) => {
    const { workspace } = cage.playground;
    await beginWith(cage);
    await rm(join(workspace, ".git"), { recursive: true });
    await mkdir(join(workspace, ".git/hooks"), { recursive: true });
    const { error } = await write(cage, join(workspace, ".git/hooks/pre-commit"), "hostile\n");
    assert.ok(error !== undefined, "a hook was written");
  }),
  freshScenario("missing-metadata", "metadata that was made later is protected", async (cage) => {
    const { workspace } = cage.playground;
    await beginWith(cage);
    await rm(join(workspace, ".codex"), { recursive: true, force: true });
    await mkdir(join(workspace, ".codex"));
    const { error } = await write(cage, join(workspace, ".codex/config.toml"), "hostile\n");
    assert.ok(error !== undefined, "configuration was written");
  }),
  freshScenario("deny", "a closed file that was replaced stays closed", async (cage) => {
    const { workspace } = cage.playground;
    const secret = join(workspace, "a/secret");
    const sandbox = denying(cage, { type: "path", path: uriOf(secret) });
    await beginWith(cage, sandbox);
    await rm(secret);
    await writeFile(secret, "hush\n");
    const { error } = await read(cage, secret, sandbox);
    assert.ok(error !== undefined, "the closed file was read");
  }),
  freshScenario("missing-deny", "a closed file that was made later is closed", async (cage) => {
    const { workspace } = cage.playground;
    const secret = join(workspace, "a/later");
    const sandbox = denying(cage, { type: "path", path: uriOf(secret) });
    await beginWith(cage, sandbox);
    await rm(secret, { force: true });
    await writeFile(secret, "hush\n");
    const { error, result } = await read(cage, secret, sandbox);
    assert.ok(error !== undefined || result?.dataBase64 === "", "the closed file was read");
  }),
  freshScenario("glob", "a file made later is closed when a pattern says so", async (cage) => {
    const { workspace } = cage.playground;
    const sandbox = denying(cage, { type: "glob_pattern", pattern: `${workspace}/**/*.env` });
    await beginWith(cage, sandbox);
    const secret = join(workspace, "sub/late.env");
    await writeFile(secret, "hush\n");
    const { error } = await read(cage, secret, sandbox);
    assert.ok(error !== undefined, "the closed file was read");
  }),
  freshScenario("no-traces", "soon after an operation nothing stands in for missing metadata", async (cage) => {
    const { workspace } = cage.playground;
    const names = async (): Promise<string> => (await readdir(workspace)).sort().join(" ");
    const before = await names();
    await beginWith(cage);
    const deadline = performance.now() + SOON_MS;
    while ((await names()) !== before && performance.now() < deadline) await delay(100);
    assert.equal(await names(), before);
  }),
];
