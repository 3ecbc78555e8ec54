import type { FramePort } from "../frame-port.ts";

/** What a contract test asks of a transport. */
export interface PortPairOptions {
  readonly highWaterBytes?: number | undefined;
  readonly lowWaterBytes?: number | undefined;
}

/** Two joined ports, neither opened yet. Disposing frees sockets, servers and children. */
export interface PortPair extends AsyncDisposable {
  readonly left: FramePort;
  readonly right: FramePort;
}

/** How a transport differs where the contract leaves room. */
export interface TransportTraits {
  /** Whether the code and the reason of `close` reach the far end. */
  readonly carriesClose: boolean;
  /** Whether binary messages can be sent; `of length`: those alone that begin with a length, which no text does. Default false. */
  readonly carriesBinary?: boolean | "of length";
}

/** Makes a fresh pair for each test. */
export type PortPairFactory = (options: PortPairOptions) => Promise<PortPair>;
