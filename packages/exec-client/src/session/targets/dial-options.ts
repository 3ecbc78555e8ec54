import type { DialOptions } from "@holdfast/rpc/client";
import type { RelayLine } from "../../relay/relay-line.ts";

/** What holds for one attempt to connect to an executor. */
export interface TargetDialOptions extends DialOptions {
  /** Whether a registry and a relay on another machine may be spoken to without TLS. Default false. */
  readonly allowPlaintextRelay?: boolean | undefined;
  /** Default: one for this attempt alone. */
  readonly relay?: RelayLine | undefined;
}
