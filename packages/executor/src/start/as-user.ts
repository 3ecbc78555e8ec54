import { canFindUsers, type SystemUser } from "../platform/system-user.ts";
import { UserFault } from "../process/index.ts";
import type { RequestedUser } from "./start-request.ts";
import type { FindUser } from "./user-lookup.ts";

const SUPERUSER = 0;
/** What Linux has for those whose entry names none. */
const DEFAULT_SHELL = "/bin/sh";

/** Who is meant, and whether the executor has to become that user. */
export interface ResolvedUser {
  readonly user: SystemUser;
  readonly isOwn: boolean;
}

/** @throws UserFault that says why nothing can be started as that user. */
export async function resolveUser(
  { name }: RequestedUser,
  findUser: FindUser,
  ownId = process.geteuid?.(),
): Promise<ResolvedUser> {
  if (!canFindUsers()) throw new UserFault("no command can be started as another user here");
  const user = await findUser(name);
  if (user === undefined) throw new UserFault(`there is no user ${JSON.stringify(name)} on this machine`);
  if (ownId === SUPERUSER) return { user, isOwn: false };
  if (user.uid === ownId) return { user, isOwn: true };
  throw new UserFault(
    `only the superuser starts commands as another user, and this executor runs with user id ${ownId}`,
  );
}

/** A command's environment, with what names its user, but for what the client has set itself. */
export function withUserEnvironment(
  env: Readonly<Record<string, string>>,
  { name, home, shell }: SystemUser,
  { given }: RequestedUser,
): Readonly<Record<string, string>> {
  const own = { HOME: home, USER: name, LOGNAME: name, SHELL: shell === "" ? DEFAULT_SHELL : shell };
  return { ...env, ...Object.fromEntries(Object.entries(own).filter(([variable]) => !given.has(variable))) };
}
