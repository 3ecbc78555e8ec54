import type { Context } from "../command-line/context.ts";
import { reasonOf } from "../command-line/failure.ts";
import { type Check, type Finding, missing, ok } from "./check.ts";
import { lookForMeans } from "./sandbox-means.ts";
import { type SandboxTrial, trySandbox } from "./sandbox-trial.ts";

const DISTRUST = "type -a bwrap  # put the one of the distribution first in PATH";

/** What a confined command can really do here: one trial, told in three rows. */
export function sandboxChecks(context: Pick<Context, "env" | "cwd">): readonly Check[] {
  const trial = once(() => trySandbox(context));
  const check = (name: string, why: string, judge: (trial: SandboxTrial) => Finding): Check => ({
    name,
    isNeeded: false,
    why,
    look: () => trial().then(judge, (error: unknown) => notTried(error, context)),
  });
  return [
    check("sandbox: reading", "a confined command still reads what it may", ({ canRead, sandboxType }) =>
      canRead ? ok(`works (${sandboxType ?? "sandbox not named"})`) : missing("a file could not be read", DISTRUST),
    ),
    check("sandbox: files", "keeps a confined command from writing elsewhere", ({ writeRefusal }) =>
      refused(writeRefusal, "a forbidden write"),
    ),
    check("sandbox: network", "keeps a confined command from connecting to anything", ({ connectRefusal }) =>
      refused(connectRefusal, "a forbidden connection"),
    ),
  ];
}

function refused(refusal: string | undefined, what: string): Finding {
  return refusal === undefined ? missing(`${what} went through`, DISTRUST) : ok(`${what} was refused (${refusal})`);
}

/** The means tell better than the refusal what is in the way, if they are. */
async function notTried(error: unknown, context: Pick<Context, "env" | "cwd">): Promise<Finding> {
  const means = await lookForMeans(context);
  return means.state === "missing" ? means : missing(reasonOf(error), DISTRUST);
}

function once<Result>(act: () => Promise<Result>): () => Promise<Result> {
  let result: Promise<Result> | undefined;
  return () => {
    result ??= act();
    return result;
  };
}
