import { type FileHandle, open } from "node:fs/promises";
import type { ThreadItem } from "@holdfast/app-server-protocol";
import { ITEMS_MAX_BYTES } from "./limits.ts";
import { itemOfRecord } from "./record-item.ts";
import { RolloutError } from "./rollout-error.ts";
import { readRecord } from "./rollout-record.ts";
import type { ItemEntry } from "./turn-index.ts";

/**
 * Read items from where they are kept, in the order of the entries.
 *
 * @throws RolloutError - They are too large for one answer.
 * @throws Error - A file can not be read.
 */
export async function readItems(entries: readonly ItemEntry[]): Promise<ReadonlyMap<ItemEntry, ThreadItem>> {
  const total = entries.reduce((sum, { place }) => sum + place.length, 0);
  if (total > ITEMS_MAX_BYTES) {
    throw new RolloutError(`the items are larger than ${ITEMS_MAX_BYTES} bytes: ask for fewer, page by page`);
  }
  const items = new Map<ItemEntry, ThreadItem>();
  const files = new Map<string, FileHandle>();
  try {
    for (const entry of entries) {
      const { path, offset, length } = entry.place;
      const file = files.get(path) ?? (await open(path));
      files.set(path, file);
      const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, offset);
      const record = readRecord(buffer.toString("utf8", 0, bytesRead));
      const found = record && itemOfRecord(record, 0, record.time);
      if (found !== undefined) items.set(entry, { ...found.item, id: entry.id });
    }
  } finally {
    await Promise.all([...files.values()].map((file) => file.close()));
  }
  return items;
}
