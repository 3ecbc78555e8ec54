import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type AppServer, connectAppServer } from "@holdfast/app-server-client";
import { ensureRelease } from "@holdfast/reference-peer";
import { spawnStdio } from "@holdfast/rpc/stdio";

const HOLDFAST = "holdfast";
const HOLDFAST_PROGRAM = fileURLToPath(new URL("../../../packages/cli/bin/holdfast.mjs", import.meta.url));

export interface TurnHost {
  readonly name: string;
  readonly server: AppServer;
  readonly pid: number;
}

/** An app server as a child of this process, with a home of its own, whose provider is a model of ours. */
export async function turnHost(
  name: string,
  { folder, modelUrl }: { readonly folder: string; readonly modelUrl: string },
): Promise<TurnHost> {
  const home = join(folder, name);
  await mkdir(home);
  await writeFile(
    join(home, "config.toml"),
    `model = "instant"
model_provider = "instant"
[model_providers.instant]
name = "instant"
base_url = "${modelUrl}"
wire_api = "responses"
[analytics]
enabled = false
`,
  );
  const env = { PATH: process.env.PATH, HOME: home, CODEX_HOME: home, RUST_LOG: "off", NO_PROXY: "127.0.0.1" };
  const [command = "", ...first] =
    name === HOLDFAST ? [process.execPath, HOLDFAST_PROGRAM] : [(await ensureRelease(name)).program];
  const { port, pid } = await spawnStdio({ command, args: [...first, "app-server"], env, cwd: folder });
  const server = await connectAppServer(port, { capabilities: { experimentalApi: true } });
  return { name, server, pid };
}
