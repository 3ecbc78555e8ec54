import { invalidParams } from "./faults.ts";

/** Longest name that a client may give to a process, a write or an HTTP request, in characters: names are kept for long. */
export const ID_MAX_CHARACTERS = 1_024;

/** @throws RpcFault −32602 that names the member and the bound. */
export function checkId(member: string, id: string): void {
  if (id.length <= ID_MAX_CHARACTERS) return;
  throw invalidParams(`${member} must not exceed ${ID_MAX_CHARACTERS} characters, it has ${id.length}`);
}
