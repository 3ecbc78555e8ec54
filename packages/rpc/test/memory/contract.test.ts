import { memoryLink } from "@holdfast/rpc/memory";
import { framePortContract } from "@holdfast/rpc/testing";

framePortContract(
  "memoryLink",
  async (options) => {
    const [left, right] = memoryLink(options);
    return { left, right, [Symbol.asyncDispose]: async () => {} };
  },
  { carriesClose: true, carriesBinary: true },
);
