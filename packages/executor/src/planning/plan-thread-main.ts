import { parentPort } from "node:worker_threads";
import { isSandboxError, plan, realFiles } from "@holdfast/sandbox";
import type { PlanAnswer, PlanRequest } from "./plan-messages.ts";

/** Answer each message of the thread that started this one with a plan. What the thread becomes. */
export function servePlansAsThread(): void {
  parentPort?.on("message", (request: PlanRequest) => parentPort?.postMessage(answerTo(request)));
}

function answerTo({ intent, machine }: PlanRequest): PlanAnswer {
  try {
    return { kind: "planned", plan: plan(intent, { ...machine, files: realFiles(machine.uid) }) };
  } catch (thrown) {
    if (isSandboxError(thrown)) return { kind: "refused", code: thrown.code, message: thrown.message };
    return { kind: "failed", message: thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown) };
  }
}
