import type { StreamRefusal } from "../ports.ts";
import { objectOf, textOf } from "./stored-values.ts";

/** What a harness's node asks an executor's node. */
export type OpenRequest =
  /** Only whether there is one. */
  | { readonly kind: "probe" }
  | {
      readonly kind: "open";
      readonly streamId: string;
      /** Name of the harness's node. */
      readonly node: string;
      /** What the stream is called between the two nodes. */
      readonly token: string;
    };

export type OpenAnswer =
  | { readonly kind: "opened"; readonly node: string }
  | { readonly kind: "refused"; readonly why: StreamRefusal };

/** A stream is a part of a subject between nodes: nothing else may be in what they call it. */
const NAME = /^[0-9a-z-]{1,64}$/;
const REFUSALS: ReadonlySet<string> = new Set<StreamRefusal>([
  "no-executor",
  "stream-taken",
  "too-many-streams",
  "unavailable",
]);

/** @returns nothing where it is none. */
export function readOpenRequest(bytes: Uint8Array): OpenRequest | undefined {
  return tried(() => {
    const value = objectOf(bytes);
    if (value.kind === "probe") return { kind: "probe" };
    if (value.kind !== "open") return undefined;
    return {
      kind: "open",
      streamId: textOf(value, "streamId"),
      node: nameOf(value, "node"),
      token: nameOf(value, "token"),
    };
  });
}

/** @returns nothing where it is none. */
export function readOpenAnswer(bytes: Uint8Array): OpenAnswer | undefined {
  return tried(() => {
    const value = objectOf(bytes);
    if (value.kind === "opened") return { kind: "opened", node: nameOf(value, "node") };
    const why = textOf(value, "why");
    return REFUSALS.has(why) ? { kind: "refused", why: why as StreamRefusal } : undefined;
  });
}

/** An executor's socket is on another node now. */
export interface Attachment {
  readonly environment: string;
  /** Random, one for each socket. */
  readonly attachment: string;
  /** It was there before, and others may have come while its node could not be told. */
  readonly isStill: boolean;
}

export function writeAttachment(attachment: Attachment): string {
  return JSON.stringify(attachment);
}

/** @returns nothing where it is none. */
export function readAttachment(bytes: Uint8Array): Attachment | undefined {
  return tried(() => {
    const value = objectOf(bytes);
    return {
      environment: textOf(value, "environment"),
      attachment: nameOf(value, "attachment"),
      isStill: value.isStill === true,
    };
  });
}

function nameOf(value: Readonly<Record<string, unknown>>, member: string): string {
  const name = textOf(value, member);
  if (!NAME.test(name)) throw new Error(`${member} is no name`);
  return name;
}

function tried<T>(read: () => T | undefined): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
