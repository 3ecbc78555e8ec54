import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { CORPUS_ROOT } from "./places.ts";
import type { RequirementId } from "./requirements.ts";

/** What a message is, told from its members. */
export type MessageKind = "request" | "notification" | "success" | "failure";

/** A message that a real release sent, or took. */
export interface AcceptedMessage {
  readonly release: string;
  /** `release`: it sent this. `driver`: we sent it, and the release understood it; kept for the first that did. */
  readonly author: "release" | "driver";
  /** Who sent it. */
  readonly from: "client" | "server";
  readonly kind: MessageKind;
  /** The method; for an answer, the method it answers. */
  readonly method: string;
  readonly message: Readonly<Record<string, unknown>>;
}

/** A frame or message that must be refused, and how. */
export interface RejectedMessage {
  readonly id: string;
  /** What is wrong with it, as a sentence. */
  readonly sentence: string;
  readonly requirement: RequirementId;
  /** Set for what an executor must not send: the method whose answer or notice it pretends to be. */
  readonly answers?: string;
  /** The frame as text, for what JSON can not carry. A pair is a text and how often it is repeated. */
  readonly frame?: string | readonly (string | readonly [string, number])[];
  /** The frame as bytes, for what is no text. */
  readonly frameBase64?: string;
  /** The message, where JSON can carry it. */
  readonly message?: Readonly<Record<string, unknown>>;
  readonly expect: {
    /** The error code an executor answers with; absent for what a client refuses. */
    readonly code?: number;
    /** What the text of the refusal must contain: the member, or the rule. */
    readonly names: string;
  };
}

/** The frame to send: text, or bytes for a binary frame. */
export function frameOf({ frame, frameBase64, message }: RejectedMessage): string | Uint8Array {
  if (frameBase64 !== undefined) return Buffer.from(frameBase64, "base64");
  if (typeof frame === "string") return frame;
  if (frame === undefined) return JSON.stringify(message);
  return frame.map((part) => (typeof part === "string" ? part : part[0].repeat(part[1]))).join("");
}

async function readLists<T>(folder: string): Promise<{ file: string; entries: readonly T[] }[]> {
  const files = (await readdir(folder)).filter((file) => file.endsWith(".json")).sort();
  return Promise.all(
    files.map(async (file) => ({
      file,
      entries: JSON.parse(await readFile(join(folder, file), "utf8")) as readonly T[],
    })),
  );
}

/** Messages of real releases, by file; one file per method. @param root - {@link CORPUS_ROOT} or {@link EXTENSION_CORPUS_ROOT}. */
export function readAccepted(root = CORPUS_ROOT): Promise<{ file: string; entries: readonly AcceptedMessage[] }[]> {
  return readLists<AcceptedMessage>(join(root, "accept"));
}

/** Messages to refuse, by file; one file per kind of fault. */
export function readRejected(root = CORPUS_ROOT): Promise<{ file: string; entries: readonly RejectedMessage[] }[]> {
  return readLists<RejectedMessage>(join(root, "reject"));
}
