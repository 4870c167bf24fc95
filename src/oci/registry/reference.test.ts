import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { apiHost, credentialName, formatReference, parseReference } from "./reference.ts";

const digest = `sha256:${"0a".repeat(32)}`;

describe("a reference", () => {
  it.each([
    ["registry.example/a", { registry: "registry.example", repository: "a", tag: "latest" }],
    ["oci://localhost:5000/a/b-c/d__e:V1", { registry: "localhost:5000", repository: "a/b-c/d__e", tag: "V1" }],
    [`[::1]:5000/a@${digest}`, { registry: "[::1]:5000", repository: "a", digest }],
    [`r.example/a:1@${digest}`, { registry: "r.example", repository: "a", tag: "1", digest }],
    ["docker.io/alpine:3", { registry: "docker.io", repository: "library/alpine", tag: "3" }],
  ])("%s is read", (text, expected) => {
    expect(parseReference(text)).toEqual(expected);
  });

  it.each([
    "",
    "alpine",
    "alpine:3",
    "hadron/cloud:1",
    "r.example",
    "r.example/",
    "r.example/../a",
    "r.example/a/../b",
    "r.example/a/..",
    "r.example/..",
    "r.example/a//b",
    "r.example/A",
    "r.example/a:",
    "r.example/a:..",
    "r.example/a:b/c",
    `r.example/a:${"t".repeat(129)}`,
    "r.example/a@sha256:00",
    "r.example/a@sha512:00",
    "r.example/a?b",
    "r.example/a#b",
    "user@r.example/a",
    "http://r.example/a",
    "r.example\n/a",
    "r.example:99999999/a",
    "-r.example/a",
  ])("%s is refused", (text) => {
    expect(() => parseReference(text)).toThrow(expect.objectContaining({ kind: "usage", code: "REFERENCE_INVALID" }));
  });

  it("of any text is refused or comes back as it was written", () => {
    const part = fc.stringMatching(/^[a-z0-9./:@_-]{0,30}$/);
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          part.map((rest) => `r.example/${rest}`),
        ),
        (text) => {
          let reference: ReturnType<typeof parseReference>;
          try {
            reference = parseReference(text);
          } catch (error) {
            expect(error).toMatchObject({ code: "REFERENCE_INVALID" });
            return;
          }
          expect(reference.repository.split("/")).not.toContain("..");
          expect(parseReference(formatReference(reference))).toEqual(reference);
        },
      ),
    );
  });

  it("to Docker's own registry goes to the host that answers for it", () => {
    const reference = parseReference("docker.io/hadron/cloud");
    expect([apiHost(reference), credentialName(reference)]).toEqual([
      "registry-1.docker.io",
      "https://index.docker.io/v1/",
    ]);
  });
});
