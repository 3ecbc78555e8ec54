import type { SessionSource, ThreadSourceKind } from "@holdfast/app-server-protocol";
import { isRecord } from "../../steps/is-record.ts";

/** Threads that people talk to. */
const INTERACTIVE: readonly ThreadSourceKind[] = ["cli", "vscode"];

/** Whether a thread is of one of these kinds. No kinds: those that people talk to. */
export function isOfKind(source: SessionSource, kinds: readonly ThreadSourceKind[] | null | undefined): boolean {
  const wanted = kinds == null || kinds.length === 0 ? INTERACTIVE : kinds;
  return kindsOf(source).some((kind) => wanted.includes(kind));
}

/** One of a sub-agent is of two: of all sub-agents, and of its own. */
function kindsOf(source: SessionSource): readonly ThreadSourceKind[] {
  if (typeof source === "string") {
    const name: string = source;
    return [(name === "mcp" ? "appServer" : name) as ThreadSourceKind];
  }
  if (!isRecord(source)) return ["unknown"];
  const members: Readonly<Record<string, unknown>> = source;
  const agent = members.subAgent ?? members.subagent;
  if (agent === undefined) return ["unknown"];
  if (isRecord(agent)) return ["subAgent", "thread_spawn" in agent ? "subAgentThreadSpawn" : "subAgentOther"];
  if (agent === "review") return ["subAgent", "subAgentReview"];
  return ["subAgent", agent === "compact" ? "subAgentCompact" : "subAgentOther"];
}
