import { type Log, processIdentity } from "@holdfast/executor";
import { reasonOf } from "../../command-line/failure.ts";
import { version } from "../../version.ts";
import type { ReplacementOutcome } from "./executor-record.ts";
import { ExecutorRecords, type ReplacementRequest } from "./executor-records.ts";

/** This executor among those of its user, so that another program finds it and can take its place. */
export interface Registration {
  /** Say where it serves, and what became of the request that it came about by. Never throws. */
  serving(url: string, outcome?: ReplacementOutcome): void;
  /** Say that nothing came of a request. Never throws. */
  refuse(id: string, refusal: string): void;
  /** What was asked of it, once. */
  takeRequest(): ReplacementRequest | undefined;
  /** It ends. Never throws. */
  remove(): void;
}

/** Where nothing can be recorded nobody finds it; the signal alone still works. */
const NOWHERE: Registration = {
  serving: () => {},
  refuse: () => {},
  takeRequest: () => undefined,
  remove: () => {},
};

/** @param env - Says where records are kept. */
export function register(env: Readonly<Record<string, string | undefined>>, log: Log): Registration {
  const identity = processIdentity(process.pid);
  return identity === undefined ? NOWHERE : registration(new ExecutorRecords(env), identity, log);
}

function registration(records: ExecutorRecords, identity: string, log: Log): Registration {
  const own = { pid: process.pid, identity, version: version() };
  let url = "";
  const save = (outcome: ReplacementOutcome | undefined): void => {
    try {
      records.open();
      records.save({ ...own, url, outcome });
    } catch (error) {
      log.debug(`this executor is not recorded: ${reasonOf(error)}`);
    }
  };
  return {
    serving: (where, outcome) => {
      url = where;
      save(outcome);
    },
    refuse: (id, refusal) => save({ id, refusal }),
    takeRequest: () => records.takeRequest(identity),
    remove: () => records.remove(identity),
  };
}
