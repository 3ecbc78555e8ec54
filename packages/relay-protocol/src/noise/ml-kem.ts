import type { MlKem } from "./kem.ts";
import { nobleMlKem } from "./ml-kem-noble.ts";
import { nodeMlKem } from "./ml-kem-node.ts";

/** Node's own where it has one (from 24.7 on), which takes a twentieth of the time. */
export const mlKem: MlKem = nodeMlKem ?? nobleMlKem;
