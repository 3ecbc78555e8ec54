import { displayPath, type PathUri, pathUriFromNativeBytes, toNativeBytes } from "@holdfast/path-uri";

/** A path, as people and as programs need it. */
export interface Place {
  readonly path: string;
  readonly uri: PathUri;
}

/** Makes paths below a folder from names with one character per byte; empty: the folder itself. */
export function placesBelow(root: PathUri): (name: string) => Place {
  const start = toNativeBytes(root);
  const folder = start.at(-1) === 0x2f ? start.subarray(0, -1) : start;
  return (name) => {
    const below = Uint8Array.from(name === "" ? "" : `/${name}`, (character) => character.charCodeAt(0));
    const bytes = new Uint8Array(folder.byteLength + below.byteLength);
    bytes.set(folder);
    bytes.set(below, folder.byteLength);
    const uri = name === "" ? root : pathUriFromNativeBytes(bytes);
    return { path: displayPath(uri), uri };
  };
}
