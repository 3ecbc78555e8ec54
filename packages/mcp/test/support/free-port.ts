import { WebServer } from "./web-server.ts";

/** A TCP port of 127.0.0.1 that nobody listened on a moment ago. */
export async function freePort(): Promise<number> {
  await using web = await WebServer.open(() => () => new Response());
  return web.port;
}
