import { closeSync } from "node:fs";
import { getSystemErrorName } from "node:util";
import type { Clock } from "@holdfast/rpc";
import { USER_REFUSALS, userImage } from "@holdfast/sandbox";
import type { Maybe } from "../maybe.ts";
import { makePipe } from "../platform/descriptors.ts";
import type { SystemUser } from "../platform/system-user.ts";
import { type Child, type ChildEvents, SpawnFault, type SpawnRequest } from "./child.ts";
import { refuseNul } from "./launch.ts";
import { pipeReader } from "./pipe-child.ts";
import { type SpawnTerms, spawnChild } from "./spawn-child.ts";
import { spawnRefusal } from "./spawn-refusal.ts";
import { UserFault } from "./user-fault.ts";

/** What the child has them under, see `userImage`. */
const [IMAGE_FD, STATUS_FD] = [3, 4];
const NO_REASON = "the program or its working folder can not be used by that user";
/** Far longer than it takes. Who may stop the child may do so before it is the command. */
const PATIENCE_MS = 10_000;

/**
 * Start a program as another user. Only the superuser can.
 *
 * @returns the child once the program runs; until then its events are to be held.
 * @throws UserFault or SpawnFault (or rejects with it): then nothing of the command was run.
 */
export async function spawnAsUser(
  request: SpawnRequest,
  user: SystemUser,
  terms: SpawnTerms & { readonly delay: Pick<Clock, "after"> },
  events: ChildEvents,
): Promise<Child> {
  const { arch } = process;
  if (arch !== "x64" && arch !== "arm64") throw new UserFault(`no command can be started as another user on ${arch}`);
  if (request.argv[0] === "") throw new SpawnFault("missing program for spawn");
  refuseNul(request);
  const status = makePipe();
  if (status === undefined) throw new SpawnFault("no pipe could be made");
  const [readEnd, writeEnd] = status;
  const told = untilEnd(readEnd, terms.delay);
  const { argv, arg0, env, cwd, serial } = request;
  const content = userImage({ ...user, arch, argv, arg0, env, cwd, imageFd: IMAGE_FD, statusFd: STATUS_FD });
  const launch: SpawnRequest = {
    argv: [`/proc/self/fd/${IMAGE_FD}`],
    arg0: undefined,
    cwd: Buffer.from("/"),
    env: {},
    descriptors: [{ fd: IMAGE_FD, content }],
    handed: [{ from: writeEnd, to: STATUS_FD }],
    streamOwner: user,
    serial,
  };
  const child = await closingAfter(writeEnd, () => spawnChild(launch, terms, events));
  const refusal = await told;
  if (refusal?.length === 0) return child;
  child.kill();
  child.abandonOutput();
  throw faultOf(refusal, user);
}

/** The child has a copy of the descriptor, or there is no child. */
async function closingAfter(fd: number, start: () => Maybe<Child>): Promise<Child> {
  try {
    return await start();
  } finally {
    closeSync(fd);
  }
}

/** What comes through a pipe until its end, which is when the program runs; undefined when that takes too long. */
function untilEnd(fd: number, delay: Pick<Clock, "after">): Promise<Buffer | undefined> {
  const { promise, resolve } = Promise.withResolvers<Buffer | undefined>();
  const pieces: Buffer[] = [];
  const stream = pipeReader(fd, (piece) => pieces.push(Buffer.from(piece)));
  const timer = delay.after(PATIENCE_MS, () => {
    resolve(undefined);
    stream.destroy();
  });
  stream.on("error", () => stream.destroy());
  stream.on("close", () => {
    timer.cancel();
    resolve(Buffer.concat(pieces));
  });
  return promise;
}

function faultOf(refusal: Buffer | undefined, { name }: SystemUser): Error {
  if (refusal === undefined) return new SpawnFault(`the start of a command as user ${name} took too long`);
  const [what, errno = 0] = refusal;
  if (what === USER_REFUSALS.identity) {
    return new UserFault(`this executor may not start commands as user ${name}: the system refused the user's ids`);
  }
  const subject = what === USER_REFUSALS.folder ? "working-folder" : "program";
  return errno === 0 ? new SpawnFault(NO_REASON, { subject }) : spawnRefusal(getSystemErrorName(-errno), { subject });
}
