export { bindSocketFile, foundSocketFile, type SocketFile } from "./socket-file.ts";
export { checkSocketPath } from "./socket-path.ts";
