import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type AppServer, connectAppServer } from "@holdfast/app-server-client";
import { ensureRelease } from "@holdfast/reference-peer";

const HOLDFAST = "holdfast";
const HOLDFAST_PROGRAM = fileURLToPath(new URL("../../../packages/cli/bin/holdfast.mjs", import.meta.url));

/** An app server as a child of this process, with a home of its own. Ends when it is closed. */
export async function commandHost(name: string, folder: string): Promise<AppServer> {
  const home = join(folder, name);
  await mkdir(home);
  const env = { PATH: process.env.PATH, HOME: home, CODEX_HOME: home, RUST_LOG: "off" };
  const [command, ...first] =
    name === HOLDFAST ? [process.execPath, HOLDFAST_PROGRAM] : [(await ensureRelease(name)).program];
  const child = { command: command ?? "", args: [...first, "app-server"], env, cwd: folder };
  return await connectAppServer(child, { capabilities: { experimentalApi: true } });
}
