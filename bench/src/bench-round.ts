import { type RowContext, Unsupported } from "./row.ts";
import type { Target } from "./target.ts";
import { WireClient } from "./wire/client.ts";

const DEADLINE_MS = 90_000;

/** What all rounds of a run share. */
export interface Surroundings {
  readonly scratch: string;
  readonly origin: string;
  readonly smoke: boolean;
}

/** `unable`: the peer can not do it, which is an answer. `failed`: anything else; the executor may be stuck. */
export type Outcome =
  | { readonly kind: "measured"; readonly value: number; readonly note: string | undefined }
  | { readonly kind: "unable" | "failed"; readonly note: string };

/** One round on one target, over connections of its own. */
export async function benchRound(
  target: Target,
  surroundings: Surroundings,
  measure: (context: RowContext) => Promise<number>,
): Promise<Outcome> {
  await using connections = new AsyncDisposableStack();
  const notes: string[] = [];
  const connect = async (url = target.url) => connections.use(await WireClient.connect(url));
  try {
    const client = await connect();
    const note = (text: string) => notes.push(text);
    const value = await withinDeadline(measure({ ...surroundings, target, client, connect, note }));
    return { kind: "measured", value, note: notes.length === 0 ? undefined : notes.join(", ") };
  } catch (error) {
    if (error instanceof Unsupported) return { kind: "unable", note: error.message };
    return { kind: "failed", note: error instanceof Error ? error.message : String(error) };
  }
}

async function withinDeadline<T>(work: Promise<T>): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`no end within ${DEADLINE_MS / 1_000} s`)), DEADLINE_MS);
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
