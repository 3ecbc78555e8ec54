// What the package manager runs at the end of every install of this workspace, because it has just written its own scripts.
import { fileURLToPath } from "node:url";
import { makeFrontDoor } from "./front-door.mjs";

makeFrontDoor(fileURLToPath(new URL("../..", import.meta.url)));
