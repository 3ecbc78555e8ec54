import { framePortContract } from "@holdfast/rpc/testing";
import { webSocketPair } from "./pair.ts";

framePortContract("connectWebSocket", webSocketPair, { carriesClose: true });

framePortContract(
  "listenWebSocket",
  async (options) => {
    const pair = await webSocketPair(options);
    return { left: pair.right, right: pair.left, [Symbol.asyncDispose]: () => pair[Symbol.asyncDispose]() };
  },
  { carriesClose: true },
);
