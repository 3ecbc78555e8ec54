import { basename } from "node:path";
import type { Thread as WireThread } from "@holdfast/app-server-protocol";
import { readRolloutName } from "../rollout/rollout-name.ts";
import type { ThreadStore } from "./thread-store.ts";
import { emptyThreadView } from "./thread-view.ts";

const MS_PER_SECOND = 1_000;

/** A thread of the disk as clients see it; one that is loaded, as it is now. Undefined: the file is none of a thread. */
export async function storedView(
  store: ThreadStore,
  path: string,
  names: ReadonlyMap<string, string>,
): Promise<WireThread | undefined> {
  const threadId = readRolloutName(basename(path))?.threadId;
  const loaded = threadId === undefined ? undefined : store.get(threadId);
  if (loaded !== undefined) return { ...loaded.view(), canAcceptDirectInput: null };
  const head = await store.files.head(path);
  if (head === undefined) return undefined;
  const writtenAt = Math.floor((await store.files.writtenAt(path)) / MS_PER_SECOND);
  return {
    ...emptyThreadView(head.meta, path),
    preview: head.preview,
    model: head.model ?? null,
    updatedAt: writtenAt,
    recencyAt: writtenAt,
    name: names.get(head.meta.id) ?? null,
  };
}
