import type { RelayFrameBody } from "./frame.ts";
import { RelayFrameError } from "./frame-error.ts";

/** The blanks of the peers' language, which are not quite those of `trim`. */
const BLANK = /^\p{White_Space}*$/u;

/** @throws RelayFrameError the stream has no name. */
export function checkStreamId(streamId: string): void {
  if (BLANK.test(streamId)) throw new RelayFrameError("relay message frame is missing stream_id");
}

/** @throws RelayFrameError a body that every peer refuses. */
export function checkBody(body: RelayFrameBody): void {
  if ((body.kind === "data" || body.kind === "handshake") && body.payload.length === 0) throw missingFields(body.kind);
  if (body.kind === "reset" && body.reason === "") throw missingFields(body.kind);
}

export function missingFields(kind: RelayFrameBody["kind"]): RelayFrameError {
  return new RelayFrameError(`relay ${kind} message frame is missing required fields`);
}
