import { type Row, Unsupported } from "../row.ts";
import { spawnToClose, timeEach } from "../time-each.ts";
import type { WireClient } from "../wire/client.ts";
import { refusable, workspaceWrite } from "./workspace-write.ts";

const BUBBLEWRAP = [
  ["--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc"],
  ["--unshare-user", "--unshare-pid", "--unshare-net", "--die-with-parent", "/usr/bin/true"],
].flat();

async function startConfined(client: WireClient, folder: string): Promise<void> {
  const exitCode = await client.runToClose({ argv: ["/usr/bin/true"], cwd: folder, sandbox: workspaceWrite(folder) });
  if (exitCode !== 0) throw new Unsupported(`the command ends with ${exitCode}`);
}

/** A start with a sandbox: a workspace that may be written, no network. */
export const sandboxedStart: Row = {
  id: "sandboxed-start",
  title: "sandboxed start (workspace-write), p50",
  unit: "ms",
  target: 10,
  better: "lower",
  limit: {
    what: "bubblewrap itself",
    measure: ({ smoke }) => timeEach(smoke ? 2 : 30, () => spawnToClose("bwrap", BUBBLEWRAP)),
  },
  async measure({ client, scratch, smoke }) {
    const folder = `file://${scratch}`;
    return refusable(() => timeEach(smoke ? 2 : 30, () => startConfined(client, folder)));
  },
};
