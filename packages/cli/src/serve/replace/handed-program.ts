import { type HandedState, readHandOver } from "@holdfast/executor";
import type { Invocation } from "./successor.ts";

/** What `serve` tells its successor, beside what the executor has. */
export interface HandedProgram {
  /** The socket that clients find. */
  readonly listener: number;
  readonly url: string;
  /** All descriptors that go along. */
  readonly descriptors: readonly number[];
  /** The program before this one, for a way back. */
  readonly predecessor: Invocation;
  /** Of the request that this one came about by; absent when a signal alone asked for it. */
  readonly requestId?: string | undefined;
}

export type HandedServing = HandedState<HandedProgram> & { readonly state: number };

/** @throws Error when it can't be read. */
export function handedServing(state: number): HandedServing {
  return { ...readHandOver<HandedProgram>(state), state };
}
