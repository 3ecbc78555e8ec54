import { arch, type as systemName } from "node:os";
import { METHODS } from "@holdfast/app-server-protocol";
import type { Connection } from "./connection.ts";
import type { HostServices } from "./host-services.ts";
import type { HostHandlers, Room } from "./room.ts";

/**
 * The handlers of a server: of the handshake, of its rooms, and of what is refused with a reason. Everything else is as a method that nobody knows.
 *
 * @throws Error - Two rooms serve a method.
 */
export function handlersOf(
  rooms: readonly Room[],
  refusals: Partial<HostHandlers>,
  services: Pick<HostServices, "codexHome" | "version">,
): HostHandlers {
  const served: Partial<HostHandlers> = handshake(services);
  for (const { handlers } of rooms) {
    const twice = Object.keys(handlers).find((method) => Object.hasOwn(served, method));
    if (twice !== undefined) throw new Error(`two rooms serve ${twice}`);
    Object.assign(served, handlers);
  }
  const unsupported = Object.keys(METHODS).map((method) => [method, "unsupported"]);
  return { ...Object.fromEntries(unsupported), ...refusals, ...served } as HostHandlers;
}

function handshake({ codexHome, version }: Pick<HostServices, "codexHome" | "version">): Partial<HostHandlers> {
  return {
    initialized: () => {},
    initialize: (params, call) => {
      const client = call.client as Connection;
      client.introduce(params);
      call.afterAnswer(() => client.ready());
      const { name, version: clientVersion } = params.clientInfo;
      return {
        userAgent: headerText(`${name}/${version} (${systemName()}; ${arch()}) unknown (${name}; ${clientVersion})`),
        codexHome,
        platformFamily: process.platform === "win32" ? "windows" : "unix",
        platformOs: process.platform === "darwin" ? "macos" : process.platform,
      };
    },
  };
}

/** It is sent on as a header. */
function headerText(text: string): string {
  return text.replace(/[^\t\x20-\x7e]/g, "_");
}
