import type { Clock } from "@holdfast/rpc";
import type { SystemUser } from "../platform/system-user.ts";
import { UserFault } from "../process/index.ts";

export type FindUser = (nameOrId: string) => Promise<SystemUser | undefined>;

/** A directory that is far away has this long. */
const PATIENCE_MS = 10_000;
/** No system has longer names; some directories would be asked for any. */
const MAX_NAME_CHARACTERS = 256;

/** Looks users up one after the other: a directory that never answers takes one thread of those that files are read by, not all. */
export class UserLookup {
  readonly #find: FindUser;
  readonly #delay: Pick<Clock, "after">;
  #last: Promise<unknown> = Promise.resolve();

  constructor(find: FindUser, delay: Pick<Clock, "after">) {
    this.#find = find;
    this.#delay = delay;
  }

  /** Undefined: there is none. Rejects with a UserFault when that is not known in time. */
  readonly find: FindUser = (nameOrId) => {
    const { promise, resolve, reject } = Promise.withResolvers<SystemUser | undefined>();
    if (nameOrId.length > MAX_NAME_CHARACTERS) {
      reject(new UserFault(`a user's name has at most ${MAX_NAME_CHARACTERS} characters, not ${nameOrId.length}`));
      return promise;
    }
    let isAwaited = true;
    const timer = this.#delay.after(PATIENCE_MS, () => {
      isAwaited = false;
      const seconds = PATIENCE_MS / 1_000;
      reject(new UserFault(`the machine's directory of users did not answer within ${seconds} s; try again later`));
    });
    this.#last = this.#last
      .then(() => (isAwaited ? this.#find(nameOrId) : undefined))
      .then(resolve, reject)
      .then(() => timer.cancel());
    return promise;
  };
}
