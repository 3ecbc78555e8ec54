import { type Row, Unsupported } from "../row.ts";
import { spawnToClose, timeEach } from "../time-each.ts";
import { Refusal, type WireClient } from "../wire/client.ts";

const INVALID_PARAMS = -32_602;

/** A workspace that may be written, nothing else, no network. */
function workspaceWrite(folder: string): Readonly<Record<string, unknown>> {
  const special = (kind: string, access: string) => ({ path: { type: "special", value: { kind } }, access });
  const entries = [special("root", "read"), special("project_roots", "write")];
  return {
    permissions: { type: "managed", file_system: { type: "restricted", entries }, network: "restricted" },
    windowsSandboxLevel: "disabled",
    cwd: folder,
    workspaceRoots: [folder],
  };
}

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
  target: 14,
  better: "lower",
  limit: {
    what: "bubblewrap itself",
    measure: ({ smoke }) => timeEach(smoke ? 2 : 30, () => spawnToClose("bwrap", BUBBLEWRAP)),
  },
  async measure({ client, scratch, smoke }) {
    const folder = `file://${scratch}`;
    return timeEach(smoke ? 2 : 30, () => startConfined(client, folder)).catch((error: unknown) => {
      throw error instanceof Refusal && error.code === INVALID_PARAMS ? new Unsupported("refused (-32602)") : error;
    });
  },
};
