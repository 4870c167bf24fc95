import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { promisify } from "node:util";
import { constants, createZstdCompress, zstdCompress } from "node:zlib";

/** Less than this is compressed in one piece whose size is told: zstd then takes memory for the piece, not for whatever may come. */
const small = 4 * 2 ** 20;

const params = { [constants.ZSTD_c_compressionLevel]: 15, [constants.ZSTD_c_checksumFlag]: 1 };

/** 128 MiB, the most that zstd takes back without being told to. */
const largestWindow = 27;

/**
 * An archive as one zstd frame. In a large one the whole of it is searched for what comes again: a compiler's programs lie at two places.
 * @param bytes About how much there is to come
 */
export async function compressed(archive: Readable, bytes: number): Promise<Readable> {
  if (bytes < small) {
    const piece = await buffer(archive);
    return Readable.from([await promisify(zstdCompress)(piece, { params, pledgedSrcSize: piece.length })]);
  }
  const windowLog = Math.min(largestWindow, Math.ceil(Math.log2(bytes)));
  return archive.pipe(createZstdCompress({ params: { ...params, [constants.ZSTD_c_windowLog]: windowLog } }));
}
