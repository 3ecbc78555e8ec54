import { Unsupported } from "../row.ts";
import { Refusal } from "../wire/client.ts";

const INVALID_PARAMS = -32_602;

/** A workspace that may be written, nothing else, no network. */
export function workspaceWrite(folder: string): Readonly<Record<string, unknown>> {
  const special = (kind: string, access: string) => ({ path: { type: "special", value: { kind } }, access });
  const entries = [special("root", "read"), special("project_roots", "write")];
  return {
    permissions: { type: "managed", file_system: { type: "restricted", entries }, network: "restricted" },
    windowsSandboxLevel: "disabled",
    cwd: folder,
    workspaceRoots: [folder],
  };
}

/** What a peer that confines nothing here refuses is no failure. */
export async function refusable<T>(act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    throw error instanceof Refusal && error.code === INVALID_PARAMS ? new Unsupported("refused (-32602)") : error;
  }
}
