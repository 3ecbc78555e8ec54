import type { AppServerUnderTest } from "../app-server/reference-app-server.ts";

/** Call a method whose result a release may have in its own form. */
// biome-ignore lint/suspicious/noExplicitAny: results differ from method to method.
export async function call(server: AppServerUnderTest, method: string, params: object): Promise<any> {
  return await server.codex.call(method, params);
}
