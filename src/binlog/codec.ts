import type { CompressionCodec } from "hyparquet";

/** Decompresses one page; the length is the page header's word for it. */
export type Decompress = (bytes: Uint8Array, length: number) => Uint8Array;

/** The decompressor of a codec; Milvus writes ZSTD. The codecs are loaded on first use, in about 20 ms. */
export async function loadDecompressor(codec: CompressionCodec): Promise<Decompress> {
  if (codec === "UNCOMPRESSED") return (bytes) => bytes;
  const { compressors, decompressZstd } = await import("hyparquet-compressors");
  if (codec === "ZSTD") return (bytes, length) => unpackZstd(decompressZstd, bytes, length);
  return compressors[codec] ?? refuse;
}

function refuse(): never {
  throw new Error("its compression is unknown");
}

type ZstdDecompress = (bytes: Uint8Array, output?: Uint8Array) => Uint8Array;

/** fzstd allocates what the frame's header says: only where page header and frame agree is it let to. */
function unpackZstd(decompress: ZstdDecompress, bytes: Uint8Array, length: number): Uint8Array {
  const size = zstdContentSize(new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  // A buffer of our own would do for all, but fzstd compares it with a number, which prints all of it.
  if (size === undefined) return decompress(bytes, new Uint8Array(length));
  if (size !== BigInt(length)) throw new Error(`a page says it unpacks to ${length} bytes, its content to ${size}`);
  return decompress(bytes);
}

/** The Frame_Content_Size of RFC 8878, 3.1.1.1.4; undefined where the frame does not say it. */
function zstdContentSize(frame: DataView): bigint | undefined {
  const descriptor = frame.getUint8(4);
  const isSingleSegment = (descriptor & 0x20) !== 0;
  const dictionaryBytes = [0, 1, 2, 4][descriptor & 3] ?? 0;
  const offset = 5 + (isSingleSegment ? 0 : 1) + dictionaryBytes;
  switch (descriptor >> 6) {
    case 0:
      return isSingleSegment ? BigInt(frame.getUint8(offset)) : undefined;
    case 1:
      return BigInt(frame.getUint16(offset, true)) + 256n;
    case 2:
      return BigInt(frame.getUint32(offset, true));
    default:
      return frame.getBigUint64(offset, true);
  }
}
