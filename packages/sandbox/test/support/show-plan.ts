import type { LaunchPlan } from "../../src/index.ts";
import { seccompProgram } from "../../src/seccomp/seccomp-program.ts";

const MODES = ["restricted", "proxyOnly", "vsockRestricted"] as const;

/** The words that a plan hands to bubblewrap over a descriptor. */
export function wordsOf(plan: LaunchPlan): string[] {
  const content = plan.descriptors.find(({ fd }) => fd === 3)?.content ?? new Uint8Array();
  return new TextDecoder().decode(content).split("\0").slice(0, -1);
}

/** A plan as text for people: one operation in a line. */
export function showPlan(plan: LaunchPlan): string {
  const lines = [`type ${plan.sandboxType}`, `start ${[plan.file, ...plan.args].join(" ")}`, `in ${plan.cwd}`];
  for (const word of wordsOf(plan)) {
    const last = lines.at(-1) ?? "";
    const continues = !word.startsWith("--") || (/^--perms \d+$/.test(last) && !word.startsWith("--remount"));
    if (continues) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  const filter = plan.descriptors.find(({ fd }) => fd === 4)?.content;
  const mode = MODES.find((each) => String(seccompProgram({ arch: "x64", mode: each })) === String(filter));
  lines.push(`filter ${mode ?? "none"}`, `processes ${plan.maxProcesses ?? "unlimited"}`);
  for (const [name, value] of Object.entries(plan.env)) lines.push(`env ${name}=${value}`);
  for (const { path, kind } of plan.syntheticTargets) lines.push(`needs ${kind} ${path}`);
  for (const { host, port, innerPort } of plan.proxyRoutes) lines.push(`route ${host}:${port} at ${innerPort}`);
  return `${lines.join("\n")}\n`;
}
