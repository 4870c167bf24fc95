import fc from "fast-check";
import { expect, it } from "vitest";
import { parseChallenges } from "./challenge.ts";
import { retryAfter } from "./patience.ts";

it("reads what registries ask for", () => {
  expect(
    parseChallenges('Bearer realm="https://auth.example/token",service="r.example",scope="repository:a:pull,push"'),
  ).toEqual([
    {
      scheme: "bearer",
      parameters: { realm: "https://auth.example/token", service: "r.example", scope: "repository:a:pull,push" },
    },
  ]);
  expect(parseChallenges('Negotiate, Basic Realm="a \\"b\\"", Bearer realm=x')).toEqual([
    { scheme: "negotiate", parameters: {} },
    { scheme: "basic", parameters: { realm: 'a "b"' } },
    { scheme: "bearer", parameters: { realm: "x" } },
  ]);
});

it("reads whatever else comes, without an error and without taking long", () => {
  fc.assert(fc.property(fc.string({ maxLength: 2000 }), (text) => Array.isArray(parseChallenges(text))));
  const began = performance.now();
  for (const text of ["a=".repeat(8000), '"'.repeat(16_000), 'a="\\'.repeat(4000), " ,".repeat(8000)])
    parseChallenges(text);
  expect(performance.now() - began).toBeLessThan(500);
});

it("reads how long to wait: a number, a time, or nothing", () => {
  const now = Date.parse("2026-01-01T00:00:00Z");
  expect(retryAfter("7", now)).toBe(7);
  expect(retryAfter("Thu, 01 Jan 2026 00:00:30 GMT", now)).toBe(30);
  expect(retryAfter("Thu, 01 Jan 2020 00:00:30 GMT", now)).toBe(0);
  for (const text of [undefined, "soon", "-5", "1e9"]) expect(retryAfter(text, now)).toBe(0);
});
