import { basename, resolve } from "node:path";
import { displayPath } from "@holdfast/path-uri";
import { copyFailure } from "./copy-failure.ts";
import { openRegular } from "./open-regular.ts";
import { remoteDestination } from "./remote-destination.ts";
import { sendFile } from "./send-file.ts";
import { PERMISSION_BITS, type Transfer } from "./transfer.ts";

/** Copy a local file to the executor. */
export async function upload(transfer: Transfer): Promise<void> {
  const { source, destination, problems } = transfer;
  const path = resolve(transfer.cwd, source.path);
  await using file = await openRegular(path, source.text).catch((error: unknown) => {
    throw copyFailure(`cannot read ${source.text}`, error);
  });
  const { mode, size } = await file.stat();
  const place = await remoteDestination(transfer, destination, basename(path));
  using progress = transfer.progress(source.text, size);
  const onModeRefused = (): void => problems.warn(`${destination.text}: its permission bits could not be set there`);
  try {
    await sendFile(file, transfer, place, { text: source.text, mode: mode & PERMISSION_BITS, onModeRefused, progress });
  } catch (error) {
    throw copyFailure(`cannot write remote:${displayPath(place.path)}`, error);
  }
}
