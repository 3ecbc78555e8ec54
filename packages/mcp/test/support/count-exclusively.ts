/* A process of its own that counts up a number in the credentials of a server, as often as it is told to, with whoever else does. */
import { setImmediate } from "node:timers/promises";
import { CredentialFile } from "../../src/oauth/credential-file.ts";

const [folder = "", key = "", times = "0"] = process.argv.slice(2);
const store = new CredentialFile(folder);
for (let time = 0; time < Number(times); time += 1) {
  await store.exclusively(key, undefined, async () => {
    const known = await store.load(key);
    await setImmediate();
    const next = (known?.expires_at ?? 0) + 1;
    await store.save(key, { server_name: "s", server_url: "u", client_id: "c", access_token: "t", expires_at: next });
  });
}
