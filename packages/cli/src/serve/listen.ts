import type { Listening, ListenParts } from "./listening.ts";
import type { ServeSettings } from "./settings.ts";

/**
 * Listen where the settings say. Each kind of address is loaded when it is asked for.
 *
 * @throws CommandFailure it can't be listened there, or a secret that clients must know can't be read.
 */
export async function listen(
  settings: Pick<ServeSettings, "address" | "access">,
  parts: ListenParts,
): Promise<Listening> {
  const { address, access } = settings;
  switch (address.kind) {
    case "stdio": {
      const { listenOnStdio } = await import("./stdio-listening.ts");
      return listenOnStdio(parts);
    }
    case "unix": {
      const { listenOnUnixSocket } = await import("./unix-listening.ts");
      return listenOnUnixSocket(address, access, parts);
    }
    case "relay": {
      const { listenThroughRelay } = await import("./remote/relay-listening.ts");
      return listenThroughRelay(address, parts);
    }
    case "websocket": {
      const { listenOnWebSocket } = await import("./websocket-listening.ts");
      return listenOnWebSocket(address, access, parts);
    }
  }
}
