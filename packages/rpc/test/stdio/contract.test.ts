import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { stdioPort } from "@holdfast/rpc/stdio";
import { framePortContract, type PortPairFactory } from "@holdfast/rpc/testing";
import { tempDir } from "@holdfast/testkit";

/** Two pipes of the operating system would do; a local socket is the closest that one process can hold both ends of. */
async function localSocketPair(): Promise<{ client: Socket; server: Socket; close: () => Promise<void> }> {
  const dir = await tempDir();
  const listener = createServer({ allowHalfOpen: true });
  listener.listen(dir.join("line"));
  await once(listener, "listening");
  const client = connect({ path: dir.join("line"), allowHalfOpen: true });
  const [server] = (await once(listener, "connection")) as [Socket];
  const close = async (): Promise<void> => {
    client.destroy();
    server.destroy();
    listener.close();
    await once(listener, "close");
    await dir[Symbol.asyncDispose]();
  };
  return { client, server, close };
}

const pair: PortPairFactory = async (options) => {
  const there = await localSocketPair();
  const back = await localSocketPair();
  return {
    left: stdioPort({ input: back.client, output: there.client, ...options }),
    right: stdioPort({ input: there.server, output: back.server, ...options }),
    [Symbol.asyncDispose]: async () => {
      await there.close();
      await back.close();
    },
  };
};

framePortContract("stdioPort", pair, { carriesClose: false });
