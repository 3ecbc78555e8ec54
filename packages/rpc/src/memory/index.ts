export { type MemoryLinkOptions, memoryLink } from "./memory-link.ts";
