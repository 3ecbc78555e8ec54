import { displayPath, join, type PathUri } from "@holdfast/path-uri";
import { isNotFound } from "../errors.ts";
import type { Executor } from "../executor.ts";
import { copyFailure, refuseFolder, refuseLink, refuseTarget } from "./copy-failure.ts";
import { type Endpoint, leadsThrough, withoutSlash } from "./endpoint.ts";
import { remotePath } from "./remote-path.ts";
import { TransferError } from "./transfer-error.ts";

/** Whom to ask, and for how long. */
export interface Asking {
  readonly executor: Executor;
  readonly signal: AbortSignal;
}

/** What is at a place on the executor. */
export type RemoteKind = "folder" | "file" | "absent";

/** Where on the executor something will be. */
export interface RemotePlace {
  readonly path: PathUri;
  /** Whether something is there: what is put there is merged with it. */
  readonly exists?: boolean;
  /** Names at its end that may be no links by the time it is put there. Who puts it there holds the executor to that. */
  readonly noFollowNames: number;
}

/** What the user named as the place there, as it is now. */
export interface RemoteDestination {
  readonly path: PathUri;
  readonly kind: RemoteKind;
  /** The user wrote that a link there is meant to be followed. */
  readonly isFollowed: boolean;
}

/**
 * Look at what the user named. A link there is refused, as it is here: whoever may write beside it could have put it there.
 * With a slash at its end it is meant to be followed.
 *
 * @throws TransferError
 */
export async function lookAtDestination(asking: Asking, endpoint: Endpoint): Promise<RemoteDestination> {
  const { environment } = asking.executor;
  const isFollowed = leadsThrough(endpoint.path, environment.pathConvention);
  const path = remotePath(withoutSlash(endpoint.path, environment.pathConvention), environment, endpoint.text);
  const kind = isFollowed ? await kindOf(asking, path, endpoint) : await plainKindOf(asking, path, endpoint);
  return { path, kind, isFollowed };
}

/**
 * Settle the place of a file: into a folder under the source's name.
 *
 * @throws TransferError it is a folder, or a link.
 */
export async function remoteDestination(
  { executor, signal }: Asking,
  endpoint: Endpoint,
  sourceName: string,
): Promise<RemotePlace> {
  const { path, kind, isFollowed } = await lookAtDestination({ executor, signal }, endpoint);
  if (kind !== "folder") {
    if (isFollowed) throw new TransferError(`${endpoint.text} is no folder`);
    return { path, noFollowNames: 1 };
  }
  const entry = entryOf(endpoint, sourceName);
  const place = placeBelow({ path, isFollowed }, sourceName);
  if ((await plainKindOf({ executor, signal }, place.path, entry)) === "folder") throw refuseFolder(entry.text);
  return place;
}

/** The name in a folder that was looked at: nor may the folder have become a link since. */
export function placeBelow(
  { path, isFollowed }: Pick<RemoteDestination, "path" | "isFollowed">,
  name: string,
): RemotePlace {
  return { path: join(path, name), noFollowNames: isFollowed ? 1 : 2 };
}

/** How messages name what is in a folder. */
export function entryOf({ text }: Endpoint, name: string): Pick<Endpoint, "text"> {
  return {
    text: /[/:]$/.test(text) ? `${text}${name}` : `${text}/${name}`,
  };
}

/** What is at a place on the executor, links followed. @throws TransferError it is something else, or can not be told. */
export async function kindOf(
  asking: Asking,
  path: PathUri,
  { text }: Pick<Endpoint, "text">,
  refuse: (text: string) => TransferError = refuseTarget,
): Promise<RemoteKind> {
  return (await look(asking, path, text, refuse)).kind;
}

/** As {@link kindOf}. A link is refused; one that leads to nothing is seen only by who puts something there. */
export async function plainKindOf(
  asking: Asking,
  path: PathUri,
  { text }: Pick<Endpoint, "text">,
): Promise<RemoteKind> {
  const { kind, isLink } = await look(asking, path, text, refuseTarget);
  if (!isLink) return kind;
  const target = await asking.executor.fs
    .canonicalize(path, { signal: asking.signal })
    .then(displayPath, () => "somewhere");
  throw refuseLink(text, target);
}

async function look(
  { executor, signal }: Asking,
  path: PathUri,
  text: string,
  refuse: (text: string) => TransferError,
) {
  try {
    const { isDirectory, isFile, isSymlink } = await executor.fs.metadata(path, { signal });
    if (!isDirectory && !isFile) throw refuse(text);
    const kind: RemoteKind = isDirectory ? "folder" : "file";
    return { kind, isLink: isSymlink };
  } catch (error) {
    signal.throwIfAborted();
    if (isNotFound(error)) return { kind: "absent", isLink: false } as const;
    throw copyFailure(`cannot look at ${text}`, error);
  }
}
