import { LinkError } from "@holdfast/rpc";
import { type Opening, printable } from "@holdfast/rpc/stdio";
import { FinalRefusal } from "../errors/final-refusal.ts";
import { SSH_BANNER_MAX_BYTES, SSH_TOLD_MAX_CHARACTERS, SSH_UPLOAD_STALL_MS } from "../limits.ts";
import { farError } from "./far-error.ts";
import { installerText } from "./install-program.ts";
import type { FarPlatform, FarProgram } from "./ssh-target.ts";

/** Time that is left for the next step. */
export interface StepTimer {
  /** The step that comes now may take this long. */
  restart(milliseconds: number, what: string): void;
}

export interface SshOpeningOptions {
  readonly marker: string;
  readonly program: FarProgram | undefined;
  readonly timer: StepTimer;
}

/** A block of what is sent in one go, between two looks at the clock: 64 KiB. */
const BLOCK_BYTES = 65_536;

/** Said in the place of a program: the one that is there without native parts is all that this side has, too. */
const PLAIN = "plain";

/** How Node names a platform or a kind of processor: it becomes part of a path here. */
const SAFE_KIND = /^[a-z0-9]+$/;

/**
 * What is said before the first message: lines of nobody's are passed over up to those of the far script, and the program is sent when
 * it asks for it, once.
 *
 * @throws FinalRefusal what the far script tells, or that it is none of ours. @throws Error the pipes ended.
 */
export async function openSsh(talk: Opening, { marker, program, timer }: SshOpeningOptions): Promise<void> {
  for (let isSent = false; ; ) {
    const { word, text } = await nextWord(talk, marker);
    if (word === "ready") return;
    if (word === "need" && isSent) throw new FinalRefusal("the other side asks for the program again, having got it");
    if (word === "need" && program !== undefined) {
      await send(talk, program, needOf(text), timer);
      isSent = true;
    } else if (word === "error") throw new FinalRefusal(farError(...kindAndText(text)));
    else throw new FinalRefusal(farError("no-program", ""));
  }
}

/** Greetings of the login need not end with a line. */
async function nextWord(talk: Opening, marker: string): Promise<{ readonly word: string; readonly text: string }> {
  let passedOver = 0;
  for (;;) {
    const line = await talk.line();
    if (line === undefined) throw new Error("the other side ended before it was ready");
    const at = line.indexOf(`${marker} `);
    if (at !== -1) {
      const [word = "", ...rest] = line.slice(at + marker.length + 1).split(" ");
      return { word: told(word), text: told(rest.join(" ")) };
    }
    // With its end: lines may be empty.
    passedOver += line.length + 1;
    if (passedOver > SSH_BANNER_MAX_BYTES) {
      throw new FinalRefusal(
        `the login there prints more than ${SSH_BANNER_MAX_BYTES} bytes; keep its shell quiet where there is no terminal`,
      );
    }
  }
}

function told(text: string): string {
  return printable(text).slice(0, SSH_TOLD_MAX_CHARACTERS);
}

async function send(talk: Opening, program: FarProgram, need: FarNeed, timer: StepTimer): Promise<void> {
  const { platform, hasPlain } = need;
  const isPlain = !program.isWholeFor(platform);
  if (isPlain && hasPlain) {
    await talk.write(new TextEncoder().encode(`${PLAIN}\n`));
    return;
  }
  const packed = await program.pack(platform).catch((error: unknown) => {
    throw new FinalRefusal(error instanceof Error ? error.message : String(error));
  });
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", new Uint8Array(packed)));
  const sha256 = [...digest].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  const what = "sending the program";
  timer.restart(SSH_UPLOAD_STALL_MS, what);
  await talk.write(new TextEncoder().encode(`${installerText({ size: packed.length, sha256, isPlain })}\n`));
  for (let offset = 0; offset < packed.length; offset += BLOCK_BYTES) {
    await talk.write(packed.subarray(offset, offset + BLOCK_BYTES));
    timer.restart(SSH_UPLOAD_STALL_MS, what);
  }
  timer.restart(2 * SSH_UPLOAD_STALL_MS, "unpacking the program there");
}

interface FarNeed {
  readonly platform: FarPlatform;
  /** Whether the program is there without native parts. */
  readonly hasPlain: boolean;
}

function needOf(text: string): FarNeed {
  const [kind = "", ...rest] = text.split(" ");
  return { platform: platformOf(kind), hasPlain: rest[0] === PLAIN };
}

function platformOf(text: string): FarPlatform {
  const [platform = "", arch = "", glibc = ""] = text.split(",");
  if (!SAFE_KIND.test(platform) || !SAFE_KIND.test(arch)) {
    throw new FinalRefusal(`the other side says that it is "${text}", and there is no such kind of machine`);
  }
  const libc = platform !== "linux" ? "" : glibc === "1" ? "glibc" : "musl";
  return { platform, arch, libc };
}

function kindAndText(text: string): [kind: string, text: string] {
  const [kind = "", ...rest] = text.split(" ");
  return [kind, rest.join(" ")];
}

/** The error of a step that took too long. */
export function tooLong(what: string, milliseconds: number): LinkError {
  return new LinkError("timeout", `${what} took longer than ${milliseconds / 1_000} s`, { delivery: "not-sent" });
}
