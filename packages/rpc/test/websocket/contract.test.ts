import { framePortContract } from "@holdfast/rpc/testing";
import { webSocketPair } from "./pair.ts";

framePortContract("connectWebSocket", webSocketPair, { carriesClose: true, carriesBinary: true });

framePortContract(
  "listenWebSocket",
  async (options) => {
    const pair = await webSocketPair(options);
    return { left: pair.right, right: pair.left, [Symbol.asyncDispose]: () => pair[Symbol.asyncDispose]() };
  },
  { carriesClose: true, carriesBinary: true },
);

framePortContract(
  "connectWebSocket to another machine, for which it masks what it sends,",
  async (options) => {
    const pair = await webSocketPair(options, {}, {}, "0.0.0.0");
    return { left: pair.left, right: pair.right, [Symbol.asyncDispose]: () => pair[Symbol.asyncDispose]() };
  },
  { carriesClose: true, carriesBinary: true },
);
