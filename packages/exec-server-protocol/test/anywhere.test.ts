import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, test } from "vitest";

/** As a browser would run it: Node's own global is taken away before anything is loaded. */
const PROGRAM = `
delete globalThis.Buffer;
const { createExecServerCodec, decodeBase64 } = await import("@holdfast/exec-server-protocol");
const { METHOD_SCHEMAS } = await import("@holdfast/exec-server-protocol/zod");
const { createExecServerClient } = await import("@holdfast/exec-server-protocol/client");
const codec = createExecServerCodec({ strict: false });
const link = {
  call: async (method, params) => {
    codec.decode(codec.encodeCall({ id: 1, method, params }));
    return codec.decode('{"id":1,"result":{"chunk":"aGkK","eof":true}}').result;
  },
  notify() {},
  on: () => () => {},
};
const { chunk, eof } = await createExecServerClient(link).fs.readBlock({ handleId: "h", offset: 0, len: 3 });
const bad = METHOD_SCHEMAS["fs/readBlock"].result.schema.safeParse({ chunk: "aGk-", eof: true });
console.log(JSON.stringify([[...chunk], eof, decodeBase64("!") ?? "none", bad.success]));
`;

test("clients run where there is no Buffer", async () => {
  const options = { cwd: import.meta.dirname, env: {} };
  const args = ["--input-type=module", "--eval", PROGRAM];
  const { stdout } = await promisify(execFile)(process.execPath, args, options);
  expect(JSON.parse(stdout)).toEqual([[104, 105, 10], true, "none", false]);
});
