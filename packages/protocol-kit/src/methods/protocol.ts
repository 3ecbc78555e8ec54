import type { QuickCheck } from "../validate/quick-kit.ts";
import type { Validator } from "../validate/validator.ts";
import type { MethodTable } from "./method-row.ts";

/** A wire type by name, and what checks a value of it. */
export interface WireType {
  readonly name: string;
  readonly schema: Validator;
}

/** The types of one method. Null: no params, or no result. */
export interface MethodTypes {
  readonly params: WireType | null;
  readonly result: WireType | null;
}

/** The types of methods, by name. */
export type TypesByMethod = Readonly<Record<string, MethodTypes>>;

/** Types that are loaded when the first of them is needed, so that a program pays for validators only when it talks. */
export interface LateTypes {
  load(): Promise<TypesByMethod>;
}

/** Checks that take what is as it should be at once, by method. What they do not take is for the validators. */
export type QuickChecks = { readonly [method: string]: QuickCheck<unknown> | undefined };

/** A refusal of a request. */
export interface Refusal {
  readonly code: number;
  readonly message: string;
}

/** What an API answers to requests that reach no handler. */
export interface Refusals {
  /** @param method - As the peer sent it: of any length. */
  unknownMethod(method: string): Refusal;
  /** @param reason - Which rule the params break, and at which member. */
  invalidParams(method: string, reason: string): Refusal;
}

/** One API as data: everything that clients and servers of it are made of, in both directions. */
export interface Protocol<Family extends string = string> {
  /** Name of the API for error messages, such as `exec-server`. */
  readonly name: string;
  readonly methods: {
    readonly [Method in keyof MethodTable]: MethodTable[Method] & { readonly family: Family | null };
  };
  /** By method. A member is read when its method is used first, so that it may be made as late; or all of them are loaded then. */
  readonly types: TypesByMethod | LateTypes;
  readonly quickParams: QuickChecks;
  readonly quickResults: QuickChecks;
  /**
   * What becomes of words, kinds and members in what servers send that the validators of a client do not know, because the server is
   * newer: they are kept as they are, or refused as servers refuse those of clients. Default `refused`.
   */
  readonly newerServers?: "tolerated" | "refused" | undefined;
  /** What a notice without params is sent with: an empty object, or nothing. Default `object`. */
  readonly noParams?: "object" | "absent" | undefined;
  /** What a message is refused with whose params are needed and not there. Default: as null that is no struct. */
  readonly missingParams?: string | undefined;
}
