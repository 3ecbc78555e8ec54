import { errnoName, osErrorText } from "../platform/os-error.ts";
import { type ListenPlace, shownPlace } from "./listen-place.ts";

/** Of a socket that is in the hands of others, or in the way: the system has no word for it. */
const REASONS: Readonly<Record<string, string>> = { EADDRINUSE: "somebody listens there already" };

/** Nobody can be listened for there. The message says why, `code` is the name of the system's error, if it is one. */
export class ListenFault extends Error {
  override readonly name = "ListenFault";
  readonly code: string | undefined;

  constructor(place: ListenPlace, cause: unknown) {
    const code = errnoName(cause);
    const told = cause instanceof Error ? cause.message : String(cause);
    const reason = code === undefined ? told : (REASONS[code] ?? osErrorText(code) ?? code);
    super(`${shownPlace(place)} can't be listened on: ${reason}`, { cause });
    this.code = code;
  }
}
