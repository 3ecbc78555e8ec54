import { type FramePort, shownUrl } from "@holdfast/rpc";
import { dialSocket } from "@holdfast/rpc/client";
import { InvalidArgumentError } from "../../errors.ts";
import { isRelayUrl } from "../../relay/relay-url.ts";
import type { TargetDialOptions } from "./dial-options.ts";
import { checkRelayTarget, dialRelayTarget } from "./relay-target.ts";
import { checkSshTarget, dialSshTarget } from "./ssh-target.ts";

/** How each kind of URL is dialled. Loaded when it is asked for: who goes one way needs not the others, and some platforms lack them. */
const SCHEMES: Readonly<Record<string, (url: URL, options: TargetDialOptions) => Promise<FramePort>>> = {
  "ws:": dialSocket,
  "wss:": dialSocket,
  "unix:": dialSocket,
  "relay+http:": dialRelayTarget,
  "relay+https:": dialRelayTarget,
  "ssh:": (ssh, options) => dialSshTarget({ ssh }, options),
};

/** The kinds, for messages. */
export const URL_KINDS = "a ws:, wss:, unix:, ssh: or relay+https: URL";

/** @throws InvalidArgumentError it is no URL of a known kind. */
export function checkUrlTarget(target: string | URL): void {
  const { url } = parse(target);
  if (url.protocol === "ssh:") checkSshTarget({ ssh: url });
  if (isRelayUrl(url)) checkRelayTarget(url);
}

/** @throws LinkError `closed`, `timeout` or `aborted`, delivery `not-sent`. */
export async function dialUrl(target: string | URL, options: TargetDialOptions): Promise<FramePort> {
  const { url, dial } = parse(target);
  return await dial(url, options);
}

function parse(target: string | URL) {
  const url = URL.parse(String(target));
  const dial = url !== null && Object.hasOwn(SCHEMES, url.protocol) ? SCHEMES[url.protocol] : undefined;
  if (url !== null && dial !== undefined) return { url, dial };
  throw new InvalidArgumentError("target", `target must be ${URL_KINDS}, not ${shownUrl(String(target))}`);
}
