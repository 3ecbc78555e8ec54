import { displayPath } from "@holdfast/path-uri";
import { asFileCall, type FileCall } from "../errors/file-call.ts";
import type { BlockSink } from "./block-sink.ts";
import type { StagedFile } from "./staged-file.ts";
import type { StagedTree } from "./staged-tree.ts";

/** The same tree, whose failures are told in terms of the call that began it and of the path that they are about. */
export function toldTree(tree: StagedTree, call: FileCall): StagedTree {
  return {
    add: (nodes) => asFileCall(call, () => tree.add(nodes)),
    put: (path, data, mode) => asFileCall({ ...call, path: displayPath(path) }, () => tree.put(path, data, mode)),
    async stageFile(path, options) {
      const ofFile = { ...call, path: displayPath(path), signal: options.signal ?? call.signal };
      return toldFile(await asFileCall(ofFile, () => tree.stageFile(path, options)), ofFile);
    },
    copyFrom: (source, nodes) =>
      asFileCall({ ...call, path: displayPath(source), destination: call.path }, () => tree.copyFrom(source, nodes)),
    commit: (options) => asFileCall(call, () => tree.commit(options)),
    discard: () => tree.discard(),
  };
}

function toldFile(file: StagedFile, call: FileCall): StagedFile {
  return {
    blocks: toldBlocks(file.blocks, call),
    commit: () => asFileCall(call, () => file.commit()),
    discard: () => file.discard(),
  };
}

function toldBlocks(blocks: BlockSink, call: FileCall): BlockSink {
  return {
    blockBytes: blocks.blockBytes,
    write: (data, free) => asFileCall(call, () => blocks.write(data, free)),
  };
}
