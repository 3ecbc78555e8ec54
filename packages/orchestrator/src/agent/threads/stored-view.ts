import { basename } from "node:path";
import type { Thread as WireThread } from "@holdfast/app-server-protocol";
import { markedView } from "../marks/marked-view.ts";
import type { ThreadMark } from "../marks/thread-marks.ts";
import { readRolloutName } from "../rollout/rollout-name.ts";
import type { ThreadStore } from "./thread-store.ts";
import { emptyThreadView } from "./thread-view.ts";

/** What is kept beside the files of threads, by their ids. */
export interface StoredWords {
  readonly names: ReadonlyMap<string, string>;
  readonly marks: ReadonlyMap<string, ThreadMark>;
}

/** What is kept beside the files of a home. */
export async function storedWords({ names, marks }: ThreadStore): Promise<StoredWords> {
  return { names: await names.all(), marks: await marks.all() };
}

const MS_PER_SECOND = 1_000;

/** A thread of the disk as clients see it; one that is loaded, as it is now. Undefined: the file is none of a thread. */
export async function storedView(
  store: ThreadStore,
  path: string,
  { names, marks }: StoredWords,
): Promise<WireThread | undefined> {
  const threadId = readRolloutName(basename(path))?.threadId;
  const loaded = threadId === undefined ? undefined : store.get(threadId);
  const mark = marks.get(threadId ?? "") ?? {};
  if (loaded !== undefined) return { ...markedView(loaded.view(), mark), canAcceptDirectInput: null };
  const head = await store.files.head(path);
  if (head === undefined) return undefined;
  const writtenAt = Math.floor((await store.files.writtenAt(path)) / MS_PER_SECOND);
  return {
    ...markedView(emptyThreadView(head.meta, path), mark),
    preview: head.preview,
    model: head.model ?? null,
    updatedAt: writtenAt,
    recencyAt: writtenAt,
    name: names.get(head.meta.id) ?? null,
  };
}
