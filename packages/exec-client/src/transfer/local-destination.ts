import { readlink } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { copyFailure, refuseLink } from "./copy-failure.ts";
import { leadsThrough } from "./endpoint.ts";
import { lastNameOf, type PinnedDirectory, pinDirectory } from "./held-folders.ts";
import { type LocalKind, localKind } from "./local-kind.ts";
import type { Transfer } from "./transfer.ts";

/** What the user named as the place here, looked at once and held since. */
export interface LocalDestination {
  readonly kind: Exclude<LocalKind, "link">;
  /** The folder itself, or else the one that the name is in. Whoever gets it closes it. */
  readonly folder: PinnedDirectory;
  /** The name in that folder; of no use where the folder itself is meant. */
  readonly name: Buffer;
}

/**
 * Look at what the user named, and hold it.
 *
 * A link there is refused: whoever may write beside it could have put it there, and lead the copy anywhere. With a slash at
 * its end it is meant to be followed.
 *
 * @throws TransferError
 */
export async function localDestination({
  cwd,
  destination,
}: Pick<Transfer, "cwd" | "destination">): Promise<LocalDestination> {
  const { path, text } = destination;
  const asked = Buffer.from(resolve(cwd, path));
  const isFollowed = leadsThrough(path);
  const kind = await localKind(asked, text, { followLinks: isFollowed });
  if (kind === "link") throw refuseLink(text, await readlink(asked).catch(() => "somewhere"));
  const held = kind === "folder" ? asked : Buffer.from(dirname(asked.toString()));
  try {
    const folder = await pinDirectory(held, { noFollow: kind === "folder" && !isFollowed });
    return { kind, folder, name: lastNameOf(asked) };
  } catch (error) {
    throw copyFailure(`cannot write ${text}`, error);
  }
}
