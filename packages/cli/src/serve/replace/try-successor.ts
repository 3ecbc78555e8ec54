import { HANDOVER_VERSION, runToEnd } from "@holdfast/executor";
import { systemClock } from "@holdfast/rpc";
import { reasonOf } from "../../command-line/failure.ts";
import { withHandover } from "./handover-variable.ts";
import type { Invocation } from "./successor.ts";

/** A program that takes longer to begin is none that clients should wait for. */
const TRIAL_MS = 15_000;
/** Of what it says. */
const MAX_BYTES = 16_384;

/** What a trial says on its stdout, as one line of JSON. */
export interface TrialAnswer {
  /** Versions of what it takes over, see `READABLE_HANDOVER_VERSIONS`. */
  readonly handover: readonly number[];
  /** Its own. */
  readonly version: string;
}

/**
 * Make sure that a program can take the place of this one, before there is no way back: it is started beside this one with the same words,
 * reads its settings, makes an executor, and says what it takes over.
 *
 * @returns its version. @throws Error with the reason why it can't.
 */
export async function trySuccessor(
  { node, program, words }: Invocation,
  { env, cwd }: { readonly env: Readonly<Record<string, string | undefined>>; readonly cwd: string },
): Promise<string> {
  const request = {
    argv: [node, ...program, ...words],
    arg0: undefined,
    cwd: Buffer.from(cwd),
    env: withHandover(env, { kind: "trial" }),
  };
  const limits = { delay: systemClock, timeoutMs: TRIAL_MS, maxBytes: MAX_BYTES };
  const shown = program.at(-1) ?? node;
  const { exitCode, stdout, stderr } = await runToEnd(request, limits).catch((error: unknown) => {
    throw new Error(`${node} can't be started: ${reasonOf(error)}`, { cause: error });
  });
  const answer = answerIn(stdout);
  if (exitCode === 0 && answer !== undefined) {
    if (answer.handover.includes(HANDOVER_VERSION)) return answer.version;
    throw new Error(
      `${shown} of version ${answer.version} takes over version ${answer.handover.join(", ")} of what runs here, and this is version ${HANDOVER_VERSION}`,
    );
  }
  const [reason = ""] = stderr.trim().split("\n").slice(-1);
  if (exitCode === undefined)
    throw new Error(`${shown} did not say within ${TRIAL_MS / 1_000} s that it can take over`);
  throw new Error(reason === "" ? `${shown} is no program that can take over (exit code ${exitCode})` : reason);
}

function answerIn(text: string): TrialAnswer | undefined {
  try {
    const answer = JSON.parse(text) as Partial<TrialAnswer>;
    const { handover, version } = answer;
    const areVersions = Array.isArray(handover) && handover.every((each) => typeof each === "number");
    return areVersions && typeof version === "string" ? { handover, version } : undefined;
  } catch {
    return undefined;
  }
}
