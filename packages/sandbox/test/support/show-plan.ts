import type { LaunchPlan } from "../../src/index.ts";
import { seccompProgram } from "../../src/seccomp/seccomp-program.ts";
import { AGREES, emulateStage } from "../init/stage-emulator.ts";

const [IOCTL, EXECVE, FSTATFS, PRLIMIT64, OPENAT2] = [16, 59, 138, 302, 437];
const MODES = ["restricted", "proxyOnly", "vsockRestricted"] as const;

/** The words that a plan hands to bubblewrap over a descriptor. */
export function wordsOf(plan: LaunchPlan): string[] {
  const content = plan.descriptors.find(({ fd }) => fd === 3)?.content ?? new Uint8Array();
  return new TextDecoder().decode(content).split("\0").slice(0, -1);
}

/** What the stage of a plan becomes: the first program that it tries, and all it does before. */
function becoming(stage: Uint8Array): string[] {
  const { calls, memory } = emulateStage(stage, AGREES);
  const [file = 0n, argv = 0n, env = 0n] = calls.find(({ number }) => number === EXECVE)?.args ?? [];
  const [ioctl, limit] = [IOCTL, PRLIMIT64].map((wanted) => calls.find(({ number }) => number === wanted));
  const places = calls.flatMap(({ number, args }, index) => {
    if (number !== OPENAT2) return [];
    const isReadOnly = calls[index + 2]?.number === FSTATFS;
    return [`makes sure of ${memory.text(args[1] ?? 0n)}${isReadOnly ? ", read-only" : ""}`];
  });
  return [
    // The first is a look whether this kernel tells.
    ...places.slice(1),
    ...(ioctl === undefined ? [] : ["owns its terminal"]),
    ...(limit === undefined ? [] : [`limits processes to ${memory.word(limit.args[2] ?? 0n)}`]),
    `becomes ${[memory.text(file), ...memory.texts(argv)].join(" ")}`,
    ...memory.texts(env).map((variable) => `env ${variable}`),
  ];
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
  const stage = plan.descriptors.find(({ fd }) => fd === 5)?.content;
  if (stage !== undefined) lines.push(...becoming(stage));
  lines.push(`filter ${mode ?? "none"}`);
  if (plan.maxProcesses !== undefined) lines.push(`watched for ${plan.maxProcesses} processes`);
  for (const [name, value] of Object.entries(plan.env)) lines.push(`wrapper env ${name}=${value}`);
  for (const { path, kind } of plan.syntheticTargets) lines.push(`needs ${kind} ${path}`);
  for (const { host, port, innerPort } of plan.proxyRoutes) lines.push(`route ${host}:${port} at ${innerPort}`);
  return `${lines.join("\n")}\n`;
}
