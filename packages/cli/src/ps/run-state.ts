import type { Context } from "../command-line/context.ts";
import type { Credentials } from "../executor/credentials.ts";
import type { RemoteContext } from "../executor/remote-context.ts";
import type { RunRecord } from "../runs/run-record.ts";
import { RunUnavailable, type TakenUpRun, takeUpRun } from "../runs/take-up-run.ts";

/** How long one executor may take to answer for one run. */
const ANSWER_TIMEOUT_MS = 2_000;

/** What has become of a run. `gone`: the executor knows it no more. */
export type RunState =
  | { readonly kind: "gone" | "attached elsewhere" | "unreachable" }
  /** `pid`: as the executor's machine knows it, where it tells. */
  | { readonly kind: "running"; readonly pid: number | undefined }
  | { readonly kind: "exited"; readonly exitCode: number };

export interface RunWithState {
  readonly record: RunRecord;
  readonly state: RunState;
}

/** Executors, by the URL, that are shown credentials. */
export type CredentialsByUrl = ReadonlyMap<string, Credentials>;

/** Ask for every run, the executors side by side. One that can not be reached is asked only once. */
export async function statesOf(
  { env }: Pick<Context, "env">,
  records: readonly RunRecord[],
  credentials: CredentialsByUrl,
): Promise<RunWithState[]> {
  // Nobody is asked for a password for each of them.
  const context = { env };
  const states = new Map<RunRecord, RunState>();
  const urls = [...new Set(records.map(({ url }) => url))];
  const ask = async (runs: readonly RunRecord[]): Promise<void> => {
    let last: RunState = { kind: "gone" };
    for (const run of runs) {
      if (last.kind !== "unreachable") last = await stateOf(context, run, credentials.get(run.url));
      states.set(run, last);
    }
  };
  await Promise.all(urls.map((url) => ask(records.filter((record) => record.url === url))));
  return records.map((record) => ({ record, state: states.get(record) ?? { kind: "unreachable" } }));
}

async function stateOf(
  context: RemoteContext,
  { id, url }: RunRecord,
  credentials: Credentials | undefined,
): Promise<RunState> {
  try {
    const signal = AbortSignal.timeout(ANSWER_TIMEOUT_MS);
    await using taken = await takeUpRun(context, { id, url: new URL(url), credentials }, { recoveryMs: 0, signal });
    return await stateOfProcess(taken, signal);
  } catch (error) {
    if (!(error instanceof RunUnavailable)) return { kind: "unreachable" };
    return { kind: error.why === "gone" ? "gone" : "attached elsewhere" };
  }
}

/** What is known now: an exit that has been heard of has settled by the time the run was taken up. */
async function stateOfProcess({ executor, process }: TakenUpRun, signal: AbortSignal): Promise<RunState> {
  const status = await Promise.race([process.exited, Promise.resolve(undefined)]);
  if (status !== undefined) return { kind: "exited", exitCode: status.exitCode };
  const { processes, environment } = executor;
  const listed = environment.capabilities.holdfastProcessControl ? await processes.list({ signal }) : [];
  return { kind: "running", pid: listed.find(({ id }) => id === process.id)?.pid };
}
