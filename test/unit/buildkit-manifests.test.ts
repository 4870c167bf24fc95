import { describe, expect, it } from "vitest";
import { parseAllDocuments } from "yaml";
import { projectFiles } from "./tree.ts";

interface Manifest {
  kind: string;
  metadata: { name: string; namespace?: string };
  roleRef?: { kind: string; name: string };
  subjects?: { kind: string; name: string; namespace: string }[];
  spec?: {
    selector: Record<string, unknown>;
    serviceName?: string;
    template?: { metadata: { labels: Record<string, string> }; spec: { containers: { image: string }[] } };
  };
}

describe("the manifests of examples/buildkit", () => {
  const manifests = [...projectFiles("examples/buildkit/*.yaml").values()].flatMap((text) =>
    parseAllDocuments(text).map((document) => document.toJS({ maxAliasCount: 10 }) as Manifest),
  );
  const named = (kind: string) => manifests.filter((manifest) => manifest.kind === kind);

  it("are in one namespace, which is among them", () => {
    const [namespace] = named("Namespace");
    expect(namespace).toBeDefined();
    const others = manifests.filter((manifest) => manifest !== namespace);
    expect(others.length).toBeGreaterThan(0);
    for (const { metadata } of others) expect(metadata.namespace, metadata.name).toBe(namespace?.metadata.name);
  });

  it("bind a role that is there to an account that is there", () => {
    const [binding] = named("RoleBinding");
    expect(named("Role").map(({ metadata }) => metadata.name)).toEqual([binding?.roleRef?.name]);
    expect(named("ServiceAccount").map(({ kind, metadata }) => ({ kind, ...metadata }))).toEqual(binding?.subjects);
  });

  it("have a service that finds the daemons, whose image is pinned by digest", () => {
    const [service] = named("Service");
    const [daemons] = named("StatefulSet");
    expect(daemons?.spec?.serviceName).toBe(service?.metadata.name);
    expect(daemons?.spec?.selector.matchLabels).toEqual(service?.spec?.selector);
    expect(daemons?.spec?.template?.metadata.labels).toEqual(service?.spec?.selector);
    for (const { image } of daemons?.spec?.template?.spec.containers ?? [])
      expect(image).toMatch(/:v[\d.]+-rootless@sha256:[0-9a-f]{64}$/);
    expect(daemons?.spec?.template?.spec.containers).toHaveLength(1);
  });
});
