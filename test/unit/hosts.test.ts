import { describe, expect, it } from "vitest";
import { projectFiles } from "./tree.ts";

/** Names that stand for no real host (RFC 2606, RFC 6761) and this machine. */
const placeholder = /^(localhost|127\.|\[::1\]|10\.|([\w-]+\.)*(example|invalid|test)(\.(com|net|org))?$|[<$])/;

/** Addresses of package archives and registries: the host comes from the machine's configuration or the user. */
const archives = [
  /https?:\/\/([^/\s"'`:]+)[^\s"'`]*\/(?:debian|debian-security|ubuntu)(?:\/|["'`\s])/g,
  /https?:\/\/((?:registry|deb|ftp|mirror|mirrors|security|snapshot|archive)\.[^/\s"'`:]+)/g,
];

/** Upstream projects whose sources live on a host that is called like a mirror. */
const upstream = new Set(["ftp.gnu.org", "mirrors.kernel.org"]);

function archiveHosts(text: string): string[] {
  return archives
    .flatMap((pattern) => [...text.matchAll(pattern)].map((match) => match[1] ?? ""))
    .filter((host) => !placeholder.test(host) && !upstream.has(host));
}

describe("hosts", () => {
  const everything = projectFiles("*", ".ci/**", "src/**", "recipes/**", "images/**", "os/**", "test/**", "docs/**");

  it("the tree names no package mirror and no registry", () => {
    const found = [...everything].flatMap(([path, text]) => archiveHosts(text).map((host) => `${path}: ${host}`));
    expect(found).toEqual([]);
  });

  it("finds a planted mirror and lets placeholders be", () => {
    const host = ["deb", "distribution", "org"].join(".");
    expect(archiveHosts(`curl http://${host}/debian/pool`)).toContain(host);
    expect(archiveHosts(`curl http://${["mirror", "firm", "net"].join(".")}/debian/`)).not.toEqual([]);
    expect(archiveHosts('fetch("http://mirror.example/debian/pool")')).toEqual([]);
    expect(archiveHosts("HADRON_DEBIAN_MIRROR=http://<your Debian mirror>/debian")).toEqual([]);
  });
});
