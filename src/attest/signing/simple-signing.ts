import { z } from "zod";
import { parseJson } from "./parse-json.ts";

/** What cosign 2 signs of an image: the "simple signing" of the containers project, as canonical as cosign's own. */
export const simpleSigningMediaType = "application/vnd.dev.cosign.simplesigning.v1+json";

/** @param place Where the image is, without tag and digest: what cosign calls its identity */
export function simpleSigningPayload(place: string, digest: string): Buffer {
  const critical = {
    identity: { "docker-reference": place },
    image: { "docker-manifest-digest": digest },
    type: "cosign container image signature",
  };
  return Buffer.from(JSON.stringify({ critical, optional: null }));
}

const payload = z.object({
  critical: z.object({
    image: z.object({ "docker-manifest-digest": z.string() }),
    type: z.literal("cosign container image signature"),
  }),
});

/** Which image a payload is of. */
export function simpleSigningDigest(bytes: Uint8Array): string | undefined {
  return payload.safeParse(parseJson(bytes)).data?.critical.image["docker-manifest-digest"];
}
