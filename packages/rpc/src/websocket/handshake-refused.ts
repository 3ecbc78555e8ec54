import type { IncomingMessage } from "node:http";
import type { Clock } from "../clock.ts";
import { WEBSOCKET_LIMITS } from "./limits.ts";

/** The far end answered the handshake with a status of HTTP instead of a websocket. The cause of a `LinkError`. */
export class HandshakeRefused extends Error {
  override readonly name = "HandshakeRefused";
  /** Such as 401 where it wants credentials; 0 where it sent none. */
  readonly status: number;
  /** The headers of the answer, names in lower case. They are the far end's words. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;

  constructor(
    { statusCode, statusMessage, headers }: Pick<IncomingMessage, "statusCode" | "statusMessage" | "headers">,
    reason: string,
  ) {
    const told = `${statusCode ?? "no status"} ${statusMessage ?? ""}`.trim();
    super(`the handshake was answered with ${told}${reason === "" ? "" : `: ${reason}`}`);
    this.status = statusCode ?? 0;
    this.headers = headers;
  }
}

/** Describe a refusal, with the first line of its body where that is text, comes soon and is short. */
export function readRefusal(response: IncomingMessage, clock: Clock, done: (refusal: HandshakeRefused) => void): void {
  response.on("error", () => {});
  if (response.headers["content-type"]?.startsWith("text/plain") !== true) {
    done(new HandshakeRefused(response, ""));
    return;
  }
  let body = "";
  const finish = (): void => {
    timer.cancel();
    response.off("data", onData).off("end", finish).off("close", finish);
    const [line = ""] = body.slice(0, WEBSOCKET_LIMITS.maxRefusalBytes).split("\n");
    // One line, without what could steer a terminal.
    done(new HandshakeRefused(response, line.replaceAll(/[\p{C}\p{Zl}\p{Zp}]/gu, " ").trim()));
  };
  const onData = (text: string): void => {
    body += text;
    if (body.length >= WEBSOCKET_LIMITS.maxRefusalBytes) finish();
  };
  const timer = clock.after(WEBSOCKET_LIMITS.refusalTimeoutMs, finish);
  response.setEncoding("utf8").on("data", onData).on("end", finish).on("close", finish);
}
