import { type Log, processIdentity } from "@holdfast/executor";
import { reasonOf } from "../../command-line/failure.ts";
import { version } from "../../version.ts";
import type { ReplacementOutcome } from "./executor-record.ts";
import { ExecutorRecords, type ReplacementRequest } from "./executor-records.ts";

/** This executor among those of its user, so that another program finds it and can take its place. */
export interface Registration {
  /** Say where it serves, and what became of the request that it came about by. Never rejects. */
  serving(url: string, outcome?: ReplacementOutcome): Promise<void>;
  /** Say that nothing came of a request. Never rejects. */
  refuse(id: string, refusal: string): Promise<void>;
  /** What was asked of it, once. */
  takeRequest(): ReplacementRequest | undefined;
  /** It ends. Never rejects. */
  remove(): Promise<void>;
}

/** Where nothing can be recorded nobody finds it; the signal alone still works. */
const NOWHERE: Registration = {
  serving: async () => {},
  refuse: async () => {},
  takeRequest: () => undefined,
  remove: async () => {},
};

/** @param env - Says where records are kept. */
export function register(env: Readonly<Record<string, string | undefined>>, log: Log): Registration {
  const identity = processIdentity(process.pid);
  return identity === undefined ? NOWHERE : registration(new ExecutorRecords(env), identity, log);
}

function registration(records: ExecutorRecords, identity: string, log: Log): Registration {
  const own = { pid: process.pid, identity, version: version() };
  let url = "";
  /** One after the other: the last one counts. */
  let last = Promise.resolve();
  const after = (act: () => Promise<void>): Promise<void> => {
    last = last.then(act);
    return last;
  };
  const save = async (outcome: ReplacementOutcome | undefined): Promise<void> => {
    try {
      await records.open();
      await records.save({ ...own, url, outcome });
    } catch (error) {
      log.debug(`this executor is not recorded: ${reasonOf(error)}`);
    }
  };
  return {
    serving: (where, outcome) => {
      url = where;
      return after(() => save(outcome));
    },
    refuse: (id, refusal) => after(() => save({ id, refusal })),
    takeRequest: () => records.takeRequest(identity),
    remove: () => after(() => records.remove(identity)),
  };
}
