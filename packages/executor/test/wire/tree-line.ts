import { TAR_END, type TarEntry, TarReader, tarHeader, tarPadding } from "@holdfast/protocol-kit/tar";
import type { Line } from "./line.ts";

export const BLOCK = 1_048_576;

/** An entry, its content with it. */
export interface Whole {
  readonly entry: TarEntry;
  readonly content: Buffer;
}

export function fileEntry(path: string | Buffer, content: string | Buffer = "", more: Partial<TarEntry> = {}): Whole {
  const bytes = Buffer.from(content as string);
  return { ...otherEntry("file", path, { size: bytes.length, ...more }), content: bytes };
}

export function otherEntry(kind: TarEntry["kind"], path: string | Buffer, more: Partial<TarEntry> = {}): Whole {
  const plain = {
    target: Buffer.alloc(0),
    size: 0,
    mode: 0o644,
    modifiedSeconds: 1_600_000_000,
    modifiedNanoseconds: 0,
  };
  return { entry: { kind, path: Buffer.from(path as string), ...plain, ...more }, content: Buffer.alloc(0) };
}

export function archiveOf(...wholes: readonly Whole[]): Buffer {
  const parts = wholes.flatMap(({ entry, content }) => [
    tarHeader(entry),
    content,
    Buffer.alloc(tarPadding(entry.size)),
  ]);
  return Buffer.concat([...parts, TAR_END]);
}

/** Entries by their names as text, with their content. */
export function entriesOf(archive: Buffer): Map<string, Whole> {
  const wholes = new Map<string, Whole>();
  let last: { readonly entry: TarEntry; readonly parts: Buffer[] } | undefined;
  for (const part of new TarReader().read(archive)) {
    if (part.kind === "entry") last = { entry: part.entry, parts: [] };
    else if (part.kind === "content") last?.parts.push(Buffer.from(part.bytes));
    else if (last !== undefined) {
      wholes.set(Buffer.from(last.entry.path).toString(), { entry: last.entry, content: Buffer.concat(last.parts) });
    }
  }
  return wholes;
}

/** Send an archive for a staged folder, all parts at once. @returns the answers. */
export function sendArchive(line: Line, stageId: string, archive: Buffer, partBytes = BLOCK): Promise<unknown[]> {
  const starts = Array.from({ length: Math.ceil(archive.length / partBytes) }, (_, index) => index * partBytes);
  return Promise.all(
    starts.map((offset) => {
      const chunk = archive.subarray(offset, offset + partBytes).toString("base64");
      return line.call("holdfast/extractStaged", { stageId, offset, chunk });
    }),
  );
}

/** Read a whole archive, some blocks ahead. */
export async function readArchive(line: Line, archiveId: string, params: object) {
  await line.call("holdfast/openArchive", { archiveId, ...params });
  const parts: Buffer[] = [];
  for (let index = 0; ; index += 1) {
    const place = { archiveId, offset: index * BLOCK, receivedBytes: index * BLOCK };
    const { chunk, isEnd, problems } = await line.call("holdfast/readArchive", place);
    parts.push(Buffer.from(chunk, "base64"));
    if (!isEnd) continue;
    await line.call("holdfast/closeArchive", { archiveId });
    return { archive: Buffer.concat(parts), problems };
  }
}
