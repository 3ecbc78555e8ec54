export { resetSocket } from "./reset-socket.ts";
