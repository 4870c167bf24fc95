import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { promisify } from "node:util";
import { constants, createZstdCompress, zstdCompress } from "node:zlib";

/** Less than this is compressed in one piece: zstd then takes memory for the piece, not for whatever may come. */
const small = 4 * 2 ** 20;

const options = {
  params: { [constants.ZSTD_c_compressionLevel]: 15, [constants.ZSTD_c_checksumFlag]: 1 },
};

/** An archive as one zstd frame. `bytes`: about how much there is to come. */
export async function compressed(archive: Readable, bytes: number): Promise<Readable> {
  if (bytes >= small) return archive.pipe(createZstdCompress(options));
  return Readable.from([await promisify(zstdCompress)(await buffer(archive), options)]);
}
