import type { FramePort } from "@holdfast/rpc";
import { relayAddress } from "../../relay/relay-url.ts";
import type { TargetDialOptions } from "./dial-options.ts";

/** @throws InvalidArgumentError */
export function checkRelayTarget(url: URL): void {
  relayAddress(url);
}

/** @throws LinkError `closed`, `timeout` or `aborted`, delivery `not-sent`. */
export async function dialRelayTarget(url: URL, options: TargetDialOptions): Promise<FramePort> {
  const { dialRelay } = await import("../../relay/dial-relay.ts");
  return await dialRelay(url, options);
}
