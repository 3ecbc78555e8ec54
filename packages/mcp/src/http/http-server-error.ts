import { SdkHttpError } from "@modelcontextprotocol/client";
import { shownWords } from "./shown-words.ts";

/** A server answered a message with an HTTP error. */
export class HttpServerError extends Error {
  override readonly name = "HttpServerError";
  readonly status: number;

  constructor(status: number, words: string, options: { readonly cause: unknown }) {
    super(`the server answered with HTTP ${status}${words === "" ? "" : `: ${words}`}`, options);
    this.status = status;
  }
}

/** The SDK's error in one short line; every other error as it is. */
export function toHttpServerError(error: unknown): unknown {
  if (!SdkHttpError.isInstance(error)) return error;
  const { status, text } = error.data;
  const redirect = /redirect/i.test(error.message) ? error.message : "";
  const words = redirect === "" && typeof text === "string" ? shownWords(text) : redirect;
  return new HttpServerError(status, words, { cause: error });
}
