import type { Refusal } from "./protocol.ts";

/** The brand by which a peer of `@holdfast/rpc` knows an error whose code and text are for the other side. */
const RPC_FAULT = Symbol.for("holdfast.RpcFault");

/** The refusal of a request whose params were read only when it ran. */
export class LateRefusal extends Error {
  override readonly name = "RpcFault";
  readonly [RPC_FAULT] = true;
  readonly code: number;
  readonly data: undefined;

  constructor({ code, message }: Refusal) {
    super(message);
    this.code = code;
  }
}
