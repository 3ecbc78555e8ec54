import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, test } from "vitest";

async function printed(program: string): Promise<unknown> {
  const args = ["--input-type=module", "--eval", program];
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: import.meta.dirname, env: {} });
  return JSON.parse(stdout);
}

test("clients run where there is no Buffer", async () => {
  const program = `
delete globalThis.Buffer;
const { createAppServerCodec } = await import("@holdfast/app-server-protocol");
const { createAppServerClient } = await import("@holdfast/app-server-protocol/client");
const codec = createAppServerCodec({ strict: false });
const link = {
  call: async (method, params) => {
    codec.decode(codec.encodeCall({ id: 1, method, params }));
    return codec.decode('{"id":1,"result":{"dataBase64":"aGkK"}}').result;
  },
  notify() {},
  on: () => () => {},
};
console.log(JSON.stringify(await createAppServerClient(link).fs.readFile({ path: "/a" })));
`;
  expect(await printed(program)).toEqual({ dataBase64: "aGkK" });
});

test("validators are loaded with the first message, not with the package", async () => {
  const program = `
const loaded = [];
const { registerHooks } = await import("node:module");
registerHooks({ load: (url, context, next) => { loaded.push(url); return next(url, context); } });
const { createAppServerClient } = await import("@holdfast/app-server-protocol/client");
const isThere = () => loaded.some((url) => url.includes("/node_modules/zod/") || url.includes("zod.gen"));
const client = createAppServerClient({ call: async () => ({}), notify() {}, on: () => () => {} });
client.initialized();
const before = isThere();
await client.memory.reset();
console.log(JSON.stringify([before, isThere()]));
`;
  expect(await printed(program)).toEqual([false, true]);
});
